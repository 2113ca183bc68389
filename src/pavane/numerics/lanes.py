"""Lanes: a number that is many numbers, so that a model is written once as plain scalar-looking code.

``Lanes(width, tangents)`` lowers to ``width`` float32 values side by side (one LLVM vector), with ``tangents``
forward-mode derivatives carried along when asked for. The functions of this module take any mix of Lanes and plain
numbers: with float64 arguments alone they compute one float64, which is the scalar twin of every model written with
them.

No instruction is specific to one processor; LLVM chooses them.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from pavane.numerics.jit import inline

F = np.float32
ZERO, HALF, ONE, TWO = F(0.0), F(0.5), F(1.0), F(2.0)
FLOAT, DOUBLE, INT, LONG = ir.FloatType(), ir.DoubleType(), ir.IntType(32), ir.IntType(64)
FAST = ("fast",)


class Lanes(types.Type):  # type: ignore[misc]
    """The numba type of a number in lanes."""

    def __init__(self, width: int, tangents: int) -> None:
        self.width, self.tangents = width, tangents
        super().__init__(name=f"Lanes({width},{tangents})")

    @property
    def key(self) -> tuple[int, int]:
        """What tells two such types apart."""
        return self.width, self.tangents


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Lanes) -> None:
        vector = ir.VectorType(FLOAT, kind.width)
        super().__init__(manager, kind, ir.ArrayType(vector, kind.tangents + 1) if kind.tangents else vector)


class _Number:
    """A value with its tangents while code is being emitted; a tangent of None is known to be zero."""

    def __init__(self, value: Any, tangents: list[Any]) -> None:
        self.value, self.tangents = value, tangents


class _Emit:
    """Arithmetic on LLVM values in which None stands for zero."""

    def __init__(self, builder: Any) -> None:
        self.b = builder

    def constant(self, like: Any, value: float) -> Any:
        kind = like.type
        return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)

    def add(self, x: Any, y: Any) -> Any:
        return y if x is None else x if y is None else self.b.fadd(x, y, flags=FAST)

    def sub(self, x: Any, y: Any) -> Any:
        if y is None:
            return x
        return self.b.fneg(y, flags=FAST) if x is None else self.b.fsub(x, y, flags=FAST)

    def mul(self, x: Any, y: Any) -> Any:
        return None if x is None or y is None else self.b.fmul(x, y, flags=FAST)

    def select(self, mask: Any, x: Any, y: Any, like: Any) -> Any:
        if x is None and y is None:
            return None
        zero = self.constant(like, 0.0)
        return self.b.select(mask, zero if x is None else x, zero if y is None else y)

    def call(self, name: str, *args: Any) -> Any:
        kind = args[0].type
        lane = kind.element if isinstance(kind, ir.VectorType) else kind
        suffix = "f32" if lane == FLOAT else "f64"
        if isinstance(kind, ir.VectorType):
            suffix = f"v{kind.count}{suffix}"
        function = cgutils.get_or_insert_function(
            self.b.module, ir.FunctionType(kind, [kind] * len(args)), f"llvm.{name}.{suffix}"
        )
        return self.b.call(function, args, fastmath=FAST)


def _is_number(kind: Any) -> bool:
    return isinstance(kind, Lanes | types.Float | types.Integer)


def _result(kinds: tuple[Any, ...]) -> Any:
    lanes = [k for k in kinds if isinstance(k, Lanes)]
    if lanes:
        return Lanes(lanes[0].width, max(k.tangents for k in lanes))
    return types.float32 if all(k == types.float32 for k in kinds) else types.float64


def _splat(b: Any, value: Any, width: int) -> Any:
    vector = ir.VectorType(value.type, width)
    undefined = ir.Constant(vector, ir.Undefined)
    first = b.insert_element(undefined, value, INT(0))
    return b.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(INT, width), [0] * width))


def _unpack(context: Any, b: Any, args: Any, kinds: tuple[Any, ...]) -> list[_Number]:
    target = _result(kinds)
    numbers = []
    for value, kind in zip(args, kinds, strict=True):
        if isinstance(kind, Lanes):
            parts = [b.extract_value(value, i) for i in range(kind.tangents + 1)] if kind.tangents else [value]
            numbers.append(_Number(parts[0], parts[1:]))
        elif isinstance(target, Lanes):
            numbers.append(_Number(_splat(b, context.cast(b, value, kind, types.float32), target.width), []))
        else:
            numbers.append(_Number(context.cast(b, value, kind, target), []))
    tangents = target.tangents if isinstance(target, Lanes) else 0
    for number in numbers:
        number.tangents = number.tangents or [None] * tangents
    return numbers


def _pack(b: Any, number: _Number) -> Any:
    if not number.tangents:
        return number.value
    zero = ir.Constant(number.value.type, [0.0] * number.value.type.count)
    parts = [number.value] + [zero if t is None else t for t in number.tangents]
    array = ir.Constant(ir.ArrayType(number.value.type, len(parts)), ir.Undefined)
    for i, part in enumerate(parts):
        array = b.insert_value(array, part, i)
    return array


def _unary(rule: Any, *, flat: bool = False) -> Any:
    """An operation on one number; a flat one has no slope anywhere and gives no tangents."""

    @intrinsic  # type: ignore[untyped-decorator]
    def op(typing: Any, x: Any) -> Any:
        result = Lanes(x.width, 0) if flat and isinstance(x, Lanes) else _result((x,))

        def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
            (a,) = _unpack(context, b, args, signature.args)
            return _pack(b, rule(_Emit(b), a))

        return (result(x), code) if _is_number(x) else None

    return op


def _binary(rule: Any) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def op(typing: Any, x: Any, y: Any) -> Any:
        def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
            left, right = _unpack(context, b, args, signature.args)
            return _pack(b, rule(_Emit(b), left, right))

        return (_result((x, y))(x, y), code) if _is_number(x) and _is_number(y) else None

    return op


def _each(x: _Number, y: _Number, rule: Any) -> list[Any]:
    return [rule(s, t) for s, t in zip(x.tangents, y.tangents, strict=True)]


def _add(e: _Emit, x: _Number, y: _Number) -> _Number:
    return _Number(e.add(x.value, y.value), _each(x, y, e.add))


def _sub(e: _Emit, x: _Number, y: _Number) -> _Number:
    return _Number(e.sub(x.value, y.value), _each(x, y, e.sub))


def _mul(e: _Emit, x: _Number, y: _Number) -> _Number:
    return _Number(e.mul(x.value, y.value), _each(x, y, lambda s, t: e.add(e.mul(s, y.value), e.mul(x.value, t))))


def _div(e: _Emit, x: _Number, y: _Number) -> _Number:
    if not x.tangents:
        return _Number(e.b.fdiv(x.value, y.value, flags=FAST), [])
    inverse = e.b.fdiv(e.constant(y.value, 1.0), y.value, flags=FAST)
    ratio = e.mul(x.value, inverse)
    return _Number(ratio, _each(x, y, lambda s, t: e.mul(e.sub(s, e.mul(ratio, t)), inverse)))


def _pick(relation: str) -> Any:
    def rule(e: _Emit, x: _Number, y: _Number) -> _Number:
        mask = e.b.fcmp_ordered(relation, x.value, y.value, flags=FAST)
        chosen = _each(x, y, lambda s, t: e.select(mask, s, t, x.value))
        return _Number(e.b.select(mask, x.value, y.value), chosen)

    return rule


def _abs(e: _Emit, x: _Number) -> _Number:
    mask = e.b.fcmp_ordered("<", x.value, e.constant(x.value, 0.0), flags=FAST)
    turned = [None if t is None else e.b.select(mask, e.sub(None, t), t) for t in x.tangents]
    return _Number(e.call("fabs", x.value), turned)


def _sqrt(e: _Emit, x: _Number) -> _Number:
    root = e.call("sqrt", x.value)
    if not x.tangents:
        return _Number(root, [])
    slope = e.b.fdiv(e.constant(root, 0.5), e.b.fadd(root, e.constant(root, 1e-9), flags=FAST), flags=FAST)
    return _Number(root, [e.mul(t, slope) for t in x.tangents])


def _inverse_sqrt(e: _Emit, x: _Number) -> _Number:
    # written so, LLVM takes the processor's estimate of it with one Newton step where there is one
    inverse = e.b.fdiv(e.constant(x.value, 1.0), e.call("sqrt", x.value), flags=FAST)
    slope = e.mul(e.mul(inverse, e.mul(inverse, inverse)), e.constant(x.value, -0.5))
    return _Number(inverse, [e.mul(t, slope) for t in x.tangents])


def _power_of_two(e: _Emit, x: _Number) -> _Number:
    vector = isinstance(x.value.type, ir.VectorType)
    lane = x.value.type.element if vector else x.value.type
    bits, bias, shift = (INT, 127, 23) if lane == FLOAT else (ir.IntType(64), 1023, 52)
    kind = ir.VectorType(bits, x.value.type.count) if vector else bits
    number = e.b.fptosi(x.value, kind)
    biased = e.b.add(number, ir.Constant(kind, [bias] * kind.count if vector else bias))
    moved = e.b.shl(biased, ir.Constant(kind, [shift] * kind.count if vector else shift))
    return _Number(e.b.bitcast(moved, x.value.type), [])


add, sub, mul, div = _binary(_add), _binary(_sub), _binary(_mul), _binary(_div)
minimum, maximum = _binary(_pick("<")), _binary(_pick(">"))
absolute, sqrt, inverse_sqrt = _unary(_abs), _unary(_sqrt), _unary(_inverse_sqrt)
nearest = _unary(lambda e, x: _Number(e.call("rint", x.value), []), flat=True)
floor = _unary(lambda e, x: _Number(e.call("floor", x.value), []), flat=True)
power_of_two = _unary(_power_of_two, flat=True)


@intrinsic  # type: ignore[untyped-decorator]
def where_greater(typing: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    """x where a > b, else y."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right, p, q = _unpack(context, builder, args, signature.args)
        e = _Emit(builder)
        mask = builder.fcmp_ordered(">", left.value, right.value, flags=FAST)
        chosen = _each(p, q, lambda s, t: e.select(mask, s, t, p.value))
        return _pack(builder, _Number(builder.select(mask, p.value, q.value), chosen))

    return _result((a, b, x, y))(a, b, x, y), code


@intrinsic  # type: ignore[untyped-decorator]
def any_greater(typing: Any, x: Any, y: Any) -> Any:
    """Whether x > y in any lane."""

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        left, right = _unpack(context, b, args, signature.args)
        mask = b.fcmp_ordered(">", left.value, right.value, flags=FAST)
        if not isinstance(mask.type, ir.VectorType):
            return mask
        bits = ir.IntType(mask.type.count)
        return b.icmp_unsigned("!=", b.bitcast(mask, bits), ir.Constant(bits, 0))

    return (types.boolean(x, y), code) if _is_number(x) and _is_number(y) else None


@intrinsic  # type: ignore[untyped-decorator]
def primal(typing: Any, x: Any) -> Any:
    """The value without its tangents."""
    result = Lanes(x.width, 0) if isinstance(x, Lanes) else x

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.extract_value(args[0], 0) if isinstance(x, Lanes) and x.tangents else args[0]

    return result(x), code


@intrinsic  # type: ignore[untyped-decorator]
def chain(typing: Any, x: Any, value: Any, slope: Any) -> Any:
    """A function of x from its value and its slope at primal(x): the chain rule."""
    result = x if isinstance(x, Lanes) else value

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        if not (isinstance(x, Lanes) and x.tangents):
            return context.cast(b, args[1], signature.args[1], result)
        tangents = [b.extract_value(args[0], i) for i in range(1, x.tangents + 1)]
        return _pack(b, _Number(args[1], [b.fmul(t, args[2], flags=FAST) for t in tangents]))

    return result(x, value, slope), code


def _literal(function: Any) -> Any:
    return intrinsic(prefer_literal=True)(function)


@_literal
def variable(typing: Any, x: Any, index: Any, count: Any) -> Any:
    """x as the variable number ``index`` of ``count`` variables to differentiate by; count 0 gives x itself."""
    position, number = index.literal_value, count.literal_value
    result = Lanes(x.width, number)

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        one = ir.Constant(args[0].type, [1.0] * x.width)
        return _pack(b, _Number(args[0], [one if i == position else None for i in range(number)]))

    return result(x, index, count), code


@_literal
def inner(typing: Any, x: Any, index: Any, count: Any) -> Any:
    """x as variable number ``index`` of the ``count`` of an inner function, whose value then goes to :func:`outer`.

    An inner function of few variables is differentiated by those, and the chain rule is applied once to what it gives:
    that is quicker than to carry all outer tangents through it. Without tangents x stays what it is.
    """
    position, number = index.literal_value, count.literal_value
    carries = isinstance(x, Lanes) and x.tangents > 0

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        if not carries:
            return args[0]
        value = b.extract_value(args[0], 0)
        one = ir.Constant(value.type, [1.0] * x.width)
        return _pack(b, _Number(value, [one if i == position else None for i in range(number)]))

    return (Lanes(x.width, number) if carries else x)(x, index, count), code


@intrinsic  # type: ignore[untyped-decorator]
def outer(typing: Any, value: Any, variables: Any) -> Any:
    """What an inner function gave, with the tangents that its ``variables`` have outside."""
    carries = isinstance(value, Lanes) and value.tangents > 0
    result = variables[0] if carries else value

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        if not carries:
            return args[0]
        parts = [b.extract_value(args[1], i) for i in range(value.tangents)]
        tangents = []
        for t in range(1, result.tangents + 1):
            total = None
            for i, part in enumerate(parts):
                term = b.fmul(b.extract_value(args[0], i + 1), b.extract_value(part, t), flags=FAST)
                total = term if total is None else b.fadd(total, term, flags=FAST)
            tangents.append(total)
        return _pack(b, _Number(b.extract_value(args[0], 0), tangents))

    return result(value, variables), code


@_literal
def tangent(typing: Any, x: Any, index: Any) -> Any:
    """The derivative by variable number ``index``."""

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return b.extract_value(args[0], index.literal_value + 1)

    return Lanes(x.width, 0)(x, index), code


@_literal
def splat(typing: Any, x: Any, width: Any) -> Any:
    """The same number in every lane."""

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return _splat(b, context.cast(b, args[0], signature.args[0], types.float32), width.literal_value)

    return Lanes(width.literal_value, 0)(x, width), code


@_literal
def load(typing: Any, array: Any, offset: Any, width: Any) -> Any:
    """``width`` neighbours of a contiguous float32 array from ``offset`` on."""

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, b, args[0]).data
        vector = ir.VectorType(FLOAT, width.literal_value)
        return b.load(b.bitcast(b.gep(data, [args[1]], inbounds=True), vector.as_pointer()), align=4)

    return Lanes(width.literal_value, 0)(array, offset, width), code


@intrinsic  # type: ignore[untyped-decorator]
def store(typing: Any, array: Any, offset: Any, x: Any) -> Any:
    """Write the lanes of x, without tangents, to neighbours of a contiguous float32 array."""

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, b, args[0]).data
        value = b.extract_value(args[2], 0) if x.tangents else args[2]
        b.store(value, b.bitcast(b.gep(data, [args[1]], inbounds=True), value.type.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(array, offset, x), code


def _gather(b: Any, data: Any, places: Any, width: int) -> tuple[Any, Any]:
    """The low and high halves of 64-bit words from a vector of places, read one by one.

    Ordinary loads are quicker here than the gathers of the processors that have them, and no word need be aligned.
    """
    words = ir.Constant(ir.VectorType(LONG, width), ir.Undefined)
    for i in range(width):
        place = b.gep(data, [b.extract_element(places, INT(i))], inbounds=True)
        words = b.insert_element(words, b.load(b.bitcast(place, LONG.as_pointer()), align=2), INT(i))
    halves = b.bitcast(words, ir.VectorType(INT, 2 * width))
    nothing = ir.Constant(halves.type, ir.Undefined)
    even = ir.Constant(ir.VectorType(INT, width), list(range(0, 2 * width, 2)))
    odd = ir.Constant(ir.VectorType(INT, width), list(range(1, 2 * width, 2)))
    return b.shuffle_vector(halves, nothing, even), b.shuffle_vector(halves, nothing, odd)


def _signed(b: Any, half: Any, shift: int, bits: int) -> Any:
    """The signed whole number that stands in ``bits`` bits from ``shift`` on of a vector or scalar of 32-bit words."""

    def by(count: int) -> Any:
        return ir.Constant(half.type, [count] * half.type.count if isinstance(half.type, ir.VectorType) else count)

    top = 32 - shift - bits
    number = ir.VectorType(FLOAT, half.type.count) if isinstance(half.type, ir.VectorType) else DOUBLE
    return b.sitofp(b.ashr(b.shl(half, by(top)) if top else half, by(32 - bits)), number)


# (half, shift, bits) of each number in a block's word: the middle; left, right, below, above less the middle; then the
# corners below left, below right, above left, above right less the middle
BLOCK = ((1, 20, 12), (0, 0, 6), (0, 6, 6), (0, 12, 6), (1, 0, 6), (0, 18, 7), (0, 25, 7), (1, 6, 7), (1, 13, 7))


@intrinsic  # type: ignore[untyped-decorator]
def look_up_block(typing: Any, array: Any, index: Any) -> Any:
    """The nine whole numbers of the 3x3 block around a place, from one int64 word at a whole-numbered index."""
    one = Lanes(index.width, 0) if isinstance(index, Lanes) else types.float64

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, b, args[0]).data
        if isinstance(index, Lanes):
            halves = _gather(b, data, b.fptosi(args[1], ir.VectorType(INT, index.width)), index.width)
        else:
            word = b.load(b.gep(data, [b.fptosi(args[1], LONG)], inbounds=True))
            halves = b.trunc(word, INT), b.trunc(b.lshr(word, LONG(32)), INT)
        numbers = [_signed(b, halves[half], shift, bits) for half, shift, bits in BLOCK]
        return context.make_tuple(b, signature.return_type, numbers)

    return types.UniTuple(one, 9)(array, index), code


@intrinsic  # type: ignore[untyped-decorator]
def look_up_row(typing: Any, array: Any, index: Any, offset: Any) -> Any:
    """Three neighbours of a contiguous int16 array from a whole-numbered index plus a common offset on.

    Four are read, so the array has one more behind the last that is asked for.
    """
    one = Lanes(index.width, 0) if isinstance(index, Lanes) else types.float64

    def code(context: Any, b: Any, signature: Any, args: Any) -> Any:
        data = b.gep(context.make_array(signature.args[0])(context, b, args[0]).data, [args[2]], inbounds=True)
        if isinstance(index, Lanes):
            halves = _gather(b, data, b.fptosi(args[1], ir.VectorType(INT, index.width)), index.width)
        else:
            first = b.gep(data, [b.fptosi(args[1], LONG)], inbounds=True)
            word = b.load(b.bitcast(first, LONG.as_pointer()), align=2)
            halves = b.trunc(word, INT), b.trunc(b.lshr(word, LONG(32)), INT)
        numbers = [_signed(b, halves[half], shift, 16) for half, shift in ((0, 0), (0, 16), (1, 0))]
        return context.make_tuple(b, signature.return_type, numbers)

    return types.UniTuple(one, 3)(array, index, offset), code


def _overload_operators() -> None:
    for symbol, function in ((operator.add, add), (operator.sub, sub), (operator.mul, mul), (operator.truediv, div)):

        def register(symbol: Any = symbol, function: Any = function) -> None:
            @overload(symbol)  # type: ignore[untyped-decorator]
            def implementation(a, b):  # type: ignore[no-untyped-def]  # numba compares it with the lambda
                if (isinstance(a, Lanes) or isinstance(b, Lanes)) and _is_number(a) and _is_number(b):
                    return lambda a, b: function(a, b)
                return None

        register()

    @overload(operator.neg)  # type: ignore[untyped-decorator]
    def negative(a):  # type: ignore[no-untyped-def]
        return (lambda a: sub(F(0.0), a)) if isinstance(a, Lanes) else None


_overload_operators()

LOG2E, PI, INVERSE_PI = F(1.4426950408889634), F(np.pi), F(1.0 / np.pi)
HALF_PI, TWO_PI, INVERSE_TWO_PI = F(np.pi / 2), F(2 * np.pi), F(0.5 / np.pi)
PI_HIGH, PI_LOW = F(3.140625), F(9.67653589793e-4)


@inline
def clamp(x: Any, low: Any, high: Any) -> Any:
    """x, but at least low and at most high."""
    return maximum(low, minimum(x, high))


@inline
def wrap(angle: Any) -> Any:
    """An angle brought near zero by whole turns, rad."""
    return angle - nearest(angle * INVERSE_TWO_PI) * TWO_PI


@inline
def exp(x: Any) -> Any:
    """e^x for x below 80 by a polynomial on half a binade (relative error 3e-6); 0 for practical purposes below -60."""
    t = maximum(primal(x), F(-60.0)) * LOG2E
    n = nearest(t)
    f = t - n
    p = F(1.0) + f * (F(0.69312419) + f * (F(0.24024099) + f * (F(0.05590642) + f * F(0.00958285))))
    e = p * power_of_two(n)
    return chain(x, e, e)


@inline
def _sin(a: Any) -> Any:
    n = nearest(a * INVERSE_PI)
    f = (a - n * PI_HIGH) - n * PI_LOW
    s = f * f
    p = F(0.0083330511) + s * (F(-0.00019809075) + s * F(2.6052249e-6))
    r = f * (F(0.99999999) + s * (F(-0.16666658) + s * p))
    half = n * F(0.5)
    return r * (F(1.0) - F(2.0) * absolute(n - F(2.0) * nearest(half)))  # times (-1)^n


@inline
def sin(angle: Any) -> Any:
    """Sine by a polynomial (error 1e-7 within a few turns)."""
    a = primal(angle)
    return chain(angle, _sin(a), _sin(a + HALF_PI))


@inline
def cos(angle: Any) -> Any:
    """Cosine by a polynomial (error 1e-7 within a few turns)."""
    a = primal(angle)
    return chain(angle, _sin(a + HALF_PI), F(0.0) - _sin(a))


@inline
def atan2(y: Any, x: Any) -> Any:
    """Direction of (x, y), rad, by a polynomial (error 1e-6)."""
    ax, ay = absolute(primal(x)), absolute(primal(y))
    small, large = minimum(ax, ay), maximum(maximum(ax, ay), F(1e-12))
    t = small / large
    s = t * t
    p = F(-0.05990408) + s * (F(0.02455666) + s * F(-0.00478032))
    p = F(0.19971373) + s * (F(-0.14029405) + s * (F(0.09942716) + s * p))
    p = t * (F(0.99999991) + s * (F(-0.33332093) + s * p))
    p = where_greater(ay, ax, HALF_PI - p, p)
    p = where_greater(F(0.0), primal(x), PI - p, p)
    p = where_greater(F(0.0), primal(y), F(0.0) - p, p)
    r = ax * ax + ay * ay + F(1e-12)
    zero = F(0.0) * p
    return chain(y, p, primal(x) / r) + chain(x, zero, F(0.0) - primal(y) / r)
