# Types for the compiled form of _fields.py; the source itself stays plain Python.
cimport cython

cdef class Reader:
    cdef readonly str name
    cdef readonly object read
    cdef readonly bint nested
    cdef readonly bint text
    cdef readonly str opaque_name
    cdef readonly dict known
    cdef readonly bint repeated
    cdef readonly bint clearable
    cdef readonly tuple shared

@cython.locals(found=dict, index=Py_ssize_t, reader=Reader)
cpdef dict read_fields(list children, dict readers, object notes, list cleared, list other)

@cython.locals(shared=Reader, others=cython.bint)
cdef _read_one(Reader reader, object child, object notes, dict found)

cpdef read_value(Reader reader, object child, object notes)

cdef class Writer:
    cdef readonly str name
    cdef readonly object tag
    cdef readonly object write
    cdef readonly bint nested
    cdef readonly dict texts
    cdef readonly bint repeated
    cdef readonly bint joins

@cython.locals(children=list, index=Py_ssize_t, last=Py_ssize_t, writer=Writer)
cpdef list write_fields(tuple writers, tuple values, frozenset cleared, object version)

cpdef write_value(Writer writer, object value, object version)
