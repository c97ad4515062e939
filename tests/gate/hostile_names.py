"""Files that use names that they must not: each would create a sentinel file at the path that it is given."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.gate.assembly import again, build, call, estimator, file, keep, mapping, name, new, touch, value

Hostile = Callable[[str], bytes]
WRAPPER = name("joblib.numpy_pickle", "NumpyArrayWrapper")
RUN = "numpy.testing._private.utils"


class Touch:
    """Creates the sentinel when it is unpickled."""

    def __init__(self, sentinel: str) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> Any:
        return io.open, (self.sentinel, "w")


def dumped(held: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(held, buffer, **options)
    return buffer.getvalue()


def objects(sentinel: str) -> Any:
    return np.array([Touch(sentinel), None], dtype=object)


def nested(sentinel: str) -> Any:
    outer = np.empty(1, dtype=object)
    outer[0] = objects(sentinel)
    return outer


def fitted(sentinel: str) -> StandardScaler:
    scaler = StandardScaler().fit([[0.0], [1.0]])
    scaler.mean_ = objects(sentinel)
    return scaler


OBJECT_ARRAYS: dict[str, Hostile] = {
    **{f"an object array in protocol {p}": lambda s, p=p: dumped(objects(s), protocol=p) for p in range(6)},
    **{f"an object array in a scaler, {c}": lambda s, c=c: dumped(fitted(s), compress=c) for c in ("zlib", "xz")},
    "an object array inside an object array": lambda s: dumped(nested(s)),
    "an object array that pickle wrote": lambda s: pickle.dumps(objects(s)),
    "a masked array": lambda s: dumped(np.ma.MaskedArray(objects(s), mask=[True, False])),
    "a list of object arrays": lambda s: dumped([objects(s), objects(s)]),
}


def method(kind: str, attribute: str) -> bytes:
    return call(name("builtins", "getattr"), name("builtins", kind), value(attribute))


def partial_of(
    function: str, *, args: bytes = b")", attributes: bytes = b"N", state: bytes | None = None, **keywords: bytes
) -> bytes:
    """Create a partial of one of numpy's functions; ``state`` is the function that its state names."""
    own = name("numpy", function)
    return build(
        call(name("functools", "partial"), own),
        b"(" + (state or own) + args + mapping(**keywords) + attributes + b"t",
    )


STATES: dict[str, Hostile] = {
    "a distribution of scipy that executes its state": lambda s: file(
        build(
            new(name("scipy.stats._continuous_distns", "norm_gen")),
            value({"_parse_arg_template": f"open({s!r}, 'w')", "shapes": "", "name": "norm"}),
        )
    ),
    "a random variable of scipy": lambda s: file(
        build(new(name("scipy.stats._distn_infrastructure", "rv_continuous")), value({"_parse_arg_template": s}))
    ),
    "a partial whose state names another function": lambda s: file(
        build(
            call(name("functools", "partial"), name("sklearn.utils.validation", "check_array")),
            b"(" + name("os", "system") + value((f"touch {s}",)) + value({}) + b"Nt",
        )
    ),
    "a memory of joblib": lambda s: file(estimator("joblib.memory.Memory", location=value(s))),
    "a type that the operator has to trust": lambda s: file(
        estimator("tests.gate.hostile_names.Touch", sentinel=value(s))
    ),
}

PREFIXES: dict[str, Hostile] = {
    "numpy's runstring": lambda s: file(call(name(RUN, "runstring"), value(f"open({s!r}, 'w')"), value({}))),
    "numpy's myeval": lambda s: file(call(name("numpy.f2py.crackfortran", "myeval"), value(f"open({s!r}, 'w')"))),
    "numpy's getlincoef": lambda s: file(
        call(name("numpy.f2py.crackfortran", "getlincoef"), value(f"open({s!r}, 'w')"), value({"x": 1}))
    ),
    "numpy's exec_command": lambda s: file(
        call(name("numpy.distutils.exec_command", "exec_command"), value(f"touch {s}"))
    ),
    "numpy's load": lambda s: file(call(name("numpy", "load"), value(s), value(None), value(True))),
    "numpy's savetxt": lambda s: file(call(name("numpy", "savetxt"), value(s), value([1]))),
    "numpy's memmap": lambda s: file(
        call(name("numpy", "memmap"), value(s), value("u1"), value("w+"), value(0), value((1,)))
    ),
    "joblib's load": lambda s: file(call(name("joblib", "load"), value(s))),
    "joblib's dump": lambda s: file(call(name("joblib", "dump"), value(1), value(s))),
    "pandas's read_pickle": lambda s: file(call(name("pandas", "read_pickle"), value(s))),
    "pandas's eval": lambda s: file(call(name("pandas", "eval"), value(f"open({s!r}, 'w')"))),
    "scikit-learn's fetch": lambda s: file(call(name("sklearn.datasets", "load_svmlight_file"), value(s))),
    "a module of scikit-learn that imports os": lambda s: file(call(name("sklearn.utils._joblib", "os"), value(s))),
    "os.system": lambda s: file(touch(s)),
    "posix.system": lambda s: file(call(name("posix", "system"), value(f"touch {s}"))),
    "builtins.eval": lambda s: file(call(name("builtins", "eval"), value(f"open({s!r}, 'w')"))),
    "builtins in Python 2's spelling": lambda s: file(
        call(name("__builtin__", "eval"), value(f"open({s!r}, 'w')")), protocol=0
    ),
    "builtins.getattr": lambda s: file(call(name("builtins", "getattr"), name("numpy", "ndarray"), value("tofile"))),
}


def stack_global(module: str, attribute: str) -> bytes:
    return value(module) + value(attribute) + b"\x93"


DOTTED: dict[str, Hostile] = {
    "a path through joblib to os": lambda s: file(
        call(stack_global("joblib.numpy_pickle", "os.system"), value(f"touch {s}"))
    ),
    "a path through numpy to io": lambda s: file(call(stack_global(RUN, "io.open"), value(s), value("w"))),
    "a path from a class that is granted": lambda s: file(
        call(stack_global("sklearn.pipeline", "Pipeline.__init__.__globals__"), value(s))
    ),
    "a method of a class that is granted": lambda s: file(call(stack_global("numpy", "ndarray.tofile"), value(s))),
    "a module with a colon": lambda s: file(call(stack_global("os:system", "x"), value(s))),
    "an empty name": lambda s: file(call(stack_global("os", ""), value(s))),
}

CODES: dict[str, Hostile] = {
    "an extension code of one byte": lambda s: file(b"\x82\x01"),
    "an extension code of two bytes": lambda s: file(b"\x83\x01\x00"),
    "an extension code of four bytes": lambda s: file(b"\x84\x01\x00\x00\x00"),
    "a persistent id": lambda s: file(b"Pos.system\n", protocol=0),
    "a binary persistent id": lambda s: file(value(s) + b"Q"),
    "a buffer outside": lambda s: file(b"\x97", protocol=5),
    "a read-only buffer": lambda s: file(value(b"x") + b"\x98", protocol=5),
    "a constructor with keywords": lambda s: file(name("io", "FileIO") + value((s,)) + value({"mode": "w"}) + b"\x92"),
    "an old-style instance": lambda s: file(b"(" + value(s) + value("w") + b"iio\nFileIO\n"),
    "an old-style object": lambda s: file(b"(" + name("io", "FileIO") + value(s) + value("w") + b"o"),
    "a constructor with arguments": lambda s: file(name("io", "FileIO") + value((s, "w")) + b"\x81"),
    "an instruction that does not exist": lambda s: file(b"\xff" + touch(s)),
    "no instruction at all": lambda s: b"",
    "no end": lambda s: file(touch(s))[:-1],
    "bytes after the end": lambda s: file(value(1)) + file(touch(s)),
    "the oldest format of joblib": lambda s: b"ZF" + b"0x10".ljust(19) + b"\x78\x9c" + touch(s),
    "an array beside the file": lambda s: file(
        estimator("joblib.numpy_pickle_compat.NDArrayWrapper", filename=value(s), subclass=name("numpy", "ndarray"))
    ),
    "a zipped array beside the file": lambda s: file(
        estimator("joblib.numpy_pickle_compat.ZNDArrayWrapper", filename=value(s))
    ),
}

SHADOWS: dict[str, Hostile] = {
    "a state for a class": lambda s: file(build(name("numpy", "float64"), mapping(read=name("os", "system")))),
    "a state for the wrapper's class": lambda s: file(build(WRAPPER, mapping(read=value(s)))),
    "`read` in the wrapper's state": lambda s: file(
        build(new(WRAPPER), mapping(read=name("os", "system"), shape=value((1,))))
    ),
    "a method of its own": lambda s: file(
        estimator("sklearn.linear_model._base.LinearRegression", predict=name("numpy", "exp"))
    ),
    "a special method": lambda s: file(
        estimator("sklearn.linear_model._base.LinearRegression", __array__=name("numpy", "exp"))
    ),
    "a class of its own": lambda s: file(
        estimator("sklearn.linear_model._base.LinearRegression", __class__=name("numpy", "ndarray"))
    ),
    "attributes that are no texts": lambda s: file(
        build(new(name("sklearn.linear_model._base", "LinearRegression")), value({1: 2}))
    ),
    "a state of two parts": lambda s: file(
        build(new(name("sklearn.linear_model._base", "LinearRegression")), value((None, {"coef_": 1})))
    ),
    "an item appended to an instance": lambda s: file(
        new(name("sklearn.linear_model._base", "LinearRegression")) + value(1) + b"a"
    ),
    "an item set on an instance": lambda s: file(
        new(name("sklearn.linear_model._base", "LinearRegression")) + value("x") + value(1) + b"s"
    ),
    "an item appended to a function": lambda s: file(name("numpy", "exp") + value(1) + b"a"),
    "an item set on an array": lambda s: file(value(np.zeros(3)) + value(0) + value(1) + b"s"),
    "an item set on a class": lambda s: file(name("numpy", "float64") + value("x") + value(1) + b"s"),
    "an item added to an array": lambda s: file(value(np.zeros(3)) + b"(" + value(1) + b"\x90"),
    "a special item of a Bunch": lambda s: file(
        new(name("sklearn.utils._bunch", "Bunch"))
        + value("__array_interface__")
        + value({"data": (4096, False), "shape": (5,), "typestr": "<f8", "version": 3})
        + b"s"
    ),
    "a special item of an old Bunch": lambda s: file(
        call(
            name("copyreg", "_reconstructor"),
            name("sklearn.utils._bunch", "Bunch"),
            name("builtins", "dict"),
            value({"__array_interface__": {"data": (4096, False), "shape": (5,), "typestr": "<f8", "version": 3}}),
        )
    ),
}

CHANGES: dict[str, Hostile] = {
    "a state that is given twice": lambda s: file(
        build(estimator("sklearn.linear_model._base.LinearRegression", coef_=value(1)), mapping(coef_=value(2)))
    ),
    "an array that is given another state": lambda s: file(
        build(
            value(np.zeros(3)),
            b"(" + value(1) + value((3,)) + value(np.dtype("f8")) + value(False) + value(b"x" * 24) + b"t",
        )
    ),
    "a dtype that is given another state": lambda s: file(
        build(value(np.dtype("f8")), value((3, ">", None, None, None, -1, -1, 0)))
    ),
    "a dtype that is used before it is finished": lambda s: file(
        call(
            name("numpy._core.multiarray", "scalar"),
            call(name("numpy", "dtype"), value("f8"), value(False), value(True)),
            value(b"x" * 8),
        )
    ),
    "an array that holds itself": lambda s: file(
        call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), value((0,)), value(b"b"))
        + keep(1)
        + b"("
        + value(1)
        + value((1,))
        + value(np.dtype("O"))
        + value(False)
        + b"]"
        + again(1)
        + b"atb"
    ),
    "a vectorizer that reads files": lambda s: file(
        estimator("sklearn.feature_extraction.text.CountVectorizer", input=value("filename"))
    ),
    "a vectorizer that reads handles": lambda s: file(
        estimator("sklearn.feature_extraction.text.TfidfVectorizer", input=value("file"))
    ),
    "a function that writes into an array": lambda s: dumped(
        FunctionTransformer(np.exp, kw_args={"out": np.zeros((1, 1))})
    ),
    "a version that is a list": lambda s: file(
        estimator("sklearn.linear_model._base.LinearRegression", _sklearn_version=value([["1"]]))
    ),
}

#: Loaded, and of no use: their methods fail.
INCOMPLETE: dict[str, Hostile] = {
    "a vectorizer that does not say": lambda s: file(
        estimator("sklearn.feature_extraction.text.HashingVectorizer", n_features=value(8))
    ),
    "a hasher without columns": lambda s: file(
        estimator("sklearn.feature_extraction._hash.FeatureHasher", n_features=value(0))
    ),
}

ARGUMENTS: dict[str, Hostile] = {
    "a function that may only be mentioned": lambda s: file(call(name("numpy", "exp"), value(1.0))),
    "a class that may only be instantiated": lambda s: file(call(name("sklearn.pipeline", "Pipeline"), value([]))),
    "a class that may only be an argument": lambda s: file(call(name("numpy", "ndarray"), value((3,)))),
    "a metric that may only be mentioned": lambda s: file(
        call(name("sklearn.metrics._regression", "r2_score"), value([1.0]), value([1.0]))
    ),
    "a class that may only be called": lambda s: file(new(name("functools", "partial"))),
    "an encoding that is none": lambda s: file(call(name("_codecs", "encode"), value("x"), value("rot13"))),
    "a bytearray of a length": lambda s: file(call(name("builtins", "bytearray"), value(2**40))),
    "a partial of a class": lambda s: file(call(name("functools", "partial"), name("builtins", "list"))),
    "a partial with more": lambda s: file(
        call(name("functools", "partial"), name("sklearn.utils.validation", "check_array"), value([1]))
    ),
    "a partial of an instance": lambda s: file(
        call(name("functools", "partial"), new(name("sklearn.compose._column_transformer", "make_column_selector")))
    ),
    "a partial of a partial": lambda s: file(call(name("functools", "partial"), partial_of("exp"))),
    "a partial of a method": lambda s: file(call(name("functools", "partial"), method("str", "lower"))),
    "a partial with an array to write into": lambda s: file(partial_of("exp", out=value(np.zeros(1)))),
    "a partial with a condition": lambda s: file(partial_of("exp", where=value(False))),
    "a partial with a word": lambda s: file(partial_of("mean", dtype=value("O"))),
    "a partial with an argument": lambda s: file(partial_of("exp", args=b"(" + value(np.zeros(1)) + b"t")),
    "a partial with attributes": lambda s: file(partial_of("exp", attributes=value({"func": s}))),
    "a partial that becomes another": lambda s: file(partial_of("exp", state=name("numpy", "log"))),
    "a partial that gets a state twice": lambda s: file(
        build(partial_of("exp"), b"(" + name("numpy", "exp") + b")}Nt")
    ),
    "a partial that is called": lambda s: file(call(partial_of("exp"), value(1.0))),
    "a partial of a metric with a path": lambda s: file(
        build(
            call(name("functools", "partial"), name("sklearn.metrics._classification", "f1_score")),
            b"(" + name("sklearn.metrics._classification", "f1_score") + b")" + value({"average": s}) + b"Nt",
        )
    ),
    **{
        f"the method {method_name} of a text": lambda s, method_name=method_name: file(method("str", method_name))
        for method_name in ("format", "format_map", "encode", "join", "translate", "zfill", "__class__", "mro", "x")
    },
    "a method of another type": lambda s: file(method("bytearray", "lower")),
    "a method of an array": lambda s: file(
        call(name("builtins", "getattr"), name("numpy", "ndarray"), value("tofile"))
    ),
    "an attribute of an instance": lambda s: file(
        call(name("builtins", "getattr"), new(name("sklearn.pipeline", "Pipeline")), value("fit"))
    ),
    "an attribute of a function": lambda s: file(call(name("builtins", "getattr"), name("numpy", "exp"), value("at"))),
    "an attribute with a default": lambda s: file(
        call(name("builtins", "getattr"), name("builtins", "str"), value("lower"), value(1))
    ),
    "a method of a text that is called": lambda s: file(call(method("str", "lower"), value("X"))),
    "a generator with a function": lambda s: file(
        call(name("numpy.random._pickle", "__generator_ctor"), value(None), name("builtins", "list"))
    ),
    "a generator of a name": lambda s: file(
        call(name("numpy.random._pickle", "__bit_generator_ctor"), value("MT19937"))
    ),
    "a default that is a function": lambda s: file(call(name("collections", "defaultdict"), name("numpy", "exp"))),
    "an array of another class": lambda s: file(
        call(name("numpy._core.multiarray", "_reconstruct"), name("numpy.ma", "MaskedArray"), value((0,)), value(b"b"))
    ),
    "an array with a shape": lambda s: file(
        call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), value((2**40,)), value(b"b"))
    ),
    "an array of objects from a buffer": lambda s: file(
        call(name("numpy._core.numeric", "_frombuffer"), value(b"x" * 8), value(np.dtype("O")), value((1,)), value("C"))
    ),
    "a scalar of objects": lambda s: file(
        call(name("numpy._core.multiarray", "scalar"), value(np.dtype("O")), value(b"x" * 8))
    ),
    "a scalar that is too short": lambda s: file(
        call(name("numpy._core.multiarray", "scalar"), value(np.dtype("f8")), value(b"x"))
    ),
    "a dtype of commas": lambda s: file(call(name("numpy", "dtype"), value("f8,f8"), value(False), value(True))),
    "a distance of another class": lambda s: file(
        call(name("sklearn.metrics._dist_metrics", "newObj"), name("builtins", "list"))
    ),
    "a seed of another class": lambda s: file(
        call(
            name("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"),
            name("builtins", "list"),
            value(1),
            value(None),
        )
    ),
    "an instance with a base": lambda s: file(
        call(
            name("copyreg", "_reconstructor"),
            name("sklearn.pipeline", "Pipeline"),
            name("builtins", "list"),
            value([1]),
        )
    ),
    "a call of something that is not a name": lambda s: file(call(value("os.system"), value(s))),
    "an instance of something that is not a name": lambda s: file(new(value("os.system"))),
    "arguments that are not a tuple": lambda s: file(name("builtins", "set") + value([1]) + b"R"),
}
