"""
`python -m carrierpost`, for where no script is installed.
"""

import sys

from carrierpost.cli import main

sys.exit(main())
