"""
The commands of ActiveSync, a module each: what is asked and what is answered, as typed values ([MS-ASCMD] 2.2.1).
"""
