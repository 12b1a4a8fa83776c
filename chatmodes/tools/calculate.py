"""`calculate`: arithmetic done by the machine, since models guess it.

The expression is data: it is read as a tree in which only numbers, operators and a few functions exist, and nothing in
it is ever run as Python. Each step is bounded before it is taken: 9**9**9 would keep a core for the rest of the day.
"""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

import msgspec

from chatmodes.tools.base import Arguments, Context, ToolError, Touch, read, schema

LONGEST = 500
"""Characters of an expression."""
BITS = 4096
"""Of a whole number, in any step."""
Number = int | float

_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-"})
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e, "tau": math.tau}
_PLAIN: dict[str, Callable[..., Any]] = {
    name: getattr(math, name)
    for name in "sqrt exp log log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh degrees radians hypot floor "
    "ceil trunc gcd lcm isqrt".split()
} | {"abs": abs, "min": min, "max": max, "round": round}


class _Expression(msgspec.Struct, frozen=True):
    expression: str


class Calculate:
    """Arithmetic."""

    name = "calculate"
    description = (
        "Computes an arithmetic expression exactly: + - * / // % ** and parentheses, the constants pi, e and tau, and "
        "the functions sqrt, exp, log(x, base), log2, log10, sin, cos, tan and their inverses (radians), hypot, abs, "
        "min, max, round(x, digits), floor, ceil, gcd, lcm, factorial, comb(n, k), perm(n, k). Use it for every "
        "calculation that is not trivial."
    )
    parameters = schema(
        ("expression",),
        expression=("string", "For example (3 + 4) * sqrt(2)"),
    )
    touches: tuple[Touch, ...] = ()

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The value. Raises `ToolError` for what is no arithmetic, has no value, or is too large."""
        del context
        return shown(value_of(read(arguments, _Expression).expression))


def value_of(expression: str) -> Number:
    """The value of an expression. Raises `ToolError`."""
    if "#" in expression:  # the rest would be a comment
        raise ToolError("This is no arithmetic expression.")
    if len(expression) > LONGEST:
        raise ToolError(f"The expression is longer than {LONGEST} characters; take it in steps.")
    try:
        tree = ast.parse(expression.translate(_SIGNS).replace("^", "**").strip(), mode="eval")
        return _value(tree.body)
    except (SyntaxError, RecursionError, MemoryError):
        raise ToolError("This is no arithmetic expression.") from None
    except ZeroDivisionError:
        raise ToolError("A division by zero has no value.") from None
    except OverflowError:
        raise ToolError(_TOO_LARGE) from None
    except (ValueError, TypeError) as error:
        raise ToolError(f"This has no value: {error}.") from None


_TOO_LARGE = f"A number in it has more than {BITS} bits (about {BITS * 3 // 10} digits), or is too large for a float."


def shown(value: Number) -> str:
    """A value as people write it: 0.1 + 0.2 is 0.3."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _bounded(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, [_value(each) for each in args])
        case _:
            raise ToolError(f"Only arithmetic is computed, and this is none: {ast.unparse(node)[:80]!r}.")


def _call(name: str, values: list[Number]) -> Number:
    if name in ("factorial", "comb", "perm"):
        if not all(isinstance(value, int) and value <= 10_000 for value in values):
            raise ToolError(f"{name} takes whole numbers, and none above 10000.")
        if name == "factorial" and values and values[0] > 500:
            raise ToolError(_TOO_LARGE)
        if name == "perm" and (len(values) < 2 or values[1] > 300):
            raise ToolError("perm takes two whole numbers, the second of at most 300.")
        return _bounded(getattr(math, name)(*values))
    if name == "round" and any(abs(digits) > BITS for digits in values[1:]):
        raise ToolError(f"round takes at most {BITS} digits.")  # 10 to the power of them is computed
    if name not in _PLAIN:
        raise ToolError(f"There is no function {name[:40]!r} here.")
    return _bounded(_PLAIN[name](*values))


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if abs(base) > 1 and abs(base).bit_length() * exponent > BITS + abs(base).bit_length():
            raise ToolError(_TOO_LARGE)
        return _bounded(base**exponent)
    result: object = float(base) ** float(exponent)
    if isinstance(result, complex):
        raise ToolError("A negative number has no such root among the real numbers.")
    assert isinstance(result, float)
    return _bounded(result)


def _bounded(value: Number) -> Number:
    if isinstance(value, int):
        if value.bit_length() > BITS:
            raise ToolError(_TOO_LARGE)
        return value
    if math.isinf(value) or math.isnan(value):
        raise ToolError(_TOO_LARGE)
    return value
