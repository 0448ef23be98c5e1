"""
Carrierpost: a self-hosted secure-mail system that speaks Exchange ActiveSync.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
