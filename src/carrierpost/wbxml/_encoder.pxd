# Types for the compiled form of _encoder.py; the source itself stays plain Python.
cimport cython

cdef extern from "<string.h>" nogil:
    void* memcpy(void* to, const void* source, size_t size)

cdef extern from "Python.h":
    unsigned char* PyByteArray_AS_STRING(object)
    int PyByteArray_Resize(object, Py_ssize_t) except -1
    bint PyUnicode_IS_COMPACT_ASCII(object)
    const unsigned char* PyUnicode_1BYTE_DATA(object)

cdef int _SWITCH_PAGE, _END, _STR_I, _OPAQUE, _CONTENT, _TEXT

cdef class Output:
    cdef bytearray buffer
    cdef unsigned char* begin
    cdef Py_ssize_t room
    cdef Py_ssize_t used
    cdef list pieces

    cdef inline int reserve(self, Py_ssize_t size) except -1
    @cython.locals(size=Py_ssize_t)
    cdef int add(self, bytes raw) except -1
    cdef inline int byte(self, int value) except -1
    cdef inline int switch(self, int page) except -1
    cdef inline int empty(self, int token) except -1
    cdef inline int open(self, int token) except -1
    cdef inline int close(self) except -1
    @cython.locals(size=Py_ssize_t, characters="const unsigned char*", place="unsigned char*", raw=bytes)
    cdef int text(self, int token, object text) except -1
    cdef int opaque(self, int token, bytes raw) except -1
    cdef int loose(self, object value) except -1
    cdef bytes whole(self)

cpdef bytes encode_tree(int root, object value, bytes header, int pages, int max_depth)

@cython.locals(count=Py_ssize_t, index=Py_ssize_t, tag=cython.int, token=cython.int)
cdef int encode_children(list children, int page, Output out, int tags, int depth) except -1

@cython.locals(index=Py_ssize_t, byte="unsigned char", found="unsigned char")
cdef inline bint suspicious(const unsigned char* characters, Py_ssize_t size) noexcept

@cython.locals(raw=bytes, odd=cython.bint)
cdef bytes bytes_of(object text)

cdef bytes length_of(Py_ssize_t length)
