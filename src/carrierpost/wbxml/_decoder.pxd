# Types for the compiled form of _decoder.py; the source itself stays plain Python.
cimport cython

cdef extern from "<string.h>" nogil:
    const unsigned char* memchr(const unsigned char* start, int byte, size_t size)

cdef int _SWITCH_PAGE, _END, _STR_I, _OPAQUE, _TEXT

@cython.locals(
    size=Py_ssize_t, start=Py_ssize_t, stop=Py_ssize_t, after=Py_ssize_t, room=Py_ssize_t,
    page=cython.int, pages=cython.int, token=cython.int, following=cython.int, tag=cython.int, leaf=cython.bint,
    root=list, current=list, parent=list, children=list, stack=list, texts=list, unknown=dict, oddities=dict,
)
cpdef tuple decode_tree(
    bytes data, Py_ssize_t pos, tuple tags, bytes known,
    Py_ssize_t max_depth, Py_ssize_t max_elements, Py_ssize_t max_length,
)

@cython.locals(begin="const unsigned char*", found="const unsigned char*")
cdef inline Py_ssize_t terminator(bytes data, Py_ssize_t start, Py_ssize_t size)

@cython.locals(index=Py_ssize_t)
cdef Py_ssize_t after_length(bytes data, Py_ssize_t pos, Py_ssize_t size) except -1

@cython.locals(index=Py_ssize_t, length=Py_ssize_t)
cdef Py_ssize_t length_of(bytes data, Py_ssize_t pos, Py_ssize_t stop, Py_ssize_t size, Py_ssize_t max_length) except -1

@cython.locals(text=str, kept=str)
cdef str text_of(bytes data, Py_ssize_t start, Py_ssize_t stop, dict oddities)

@cython.locals(buffer="const unsigned char*", index=Py_ssize_t, found="unsigned char", byte="unsigned char")
cdef inline bint suspicious(bytes data, Py_ssize_t start, Py_ssize_t stop) noexcept

cdef object settled(list children, dict oddities)
