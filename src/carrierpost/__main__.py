"""
`python -m carrierpost`, for where no script is installed.
"""

from carrierpost.cli import entry

entry()
