"""
Samples of what older schemas kept.
"""
