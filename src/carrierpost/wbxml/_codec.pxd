# Types for the compiled form of _codec.py; the source itself stays plain Python.
cimport cython
cdef extern from "<string.h>" nogil:
    const unsigned char* memchr(const unsigned char* start, int byte, size_t size)

@cython.locals(buffer="const unsigned char*", index=Py_ssize_t, found=cython.int, byte="unsigned char")
cdef bint suspicious(bytes data, Py_ssize_t start, Py_ssize_t stop)

@cython.locals(buffer="const unsigned char*", begin="const unsigned char*", found="const unsigned char*")
cdef Py_ssize_t terminator(bytes data, Py_ssize_t start, Py_ssize_t size)

@cython.locals(size=Py_ssize_t, stop=Py_ssize_t, start=Py_ssize_t, page=cython.int, pages=cython.int,
               token=cython.int, tag=cython.int, elements=Py_ssize_t, loose=Py_ssize_t,
               top=list, current=list, stack=list, parent=list, children=list)
cpdef tuple decode_tree(bytes data, Py_ssize_t pos, bytes known, Py_ssize_t max_depth, Py_ssize_t max_elements)

cdef str text_of(bytes data, Py_ssize_t start, Py_ssize_t stop, dict oddities)

cpdef bytes encode_tree(int root, object value, bytes header)

@cython.locals(count=Py_ssize_t, index=Py_ssize_t, tag=cython.int, token=cython.int, raw=bytes)
cdef int encode_children(list children, int page, list pieces, int depth) except -1

cdef bytes bytes_of(str text)
