"""Small changes to a source text, each of which a test should notice: drawn and applied by number.

Comparisons, arithmetic, constants, booleans, conditions, raises, returns and bare calls. What is
not changed: docstrings, annotations, assertions, texts of errors, and ``slots`` or ``frozen`` of a
dataclass, whose loss nobody can see. Running the tests is ``mutants``'s.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_UNSEEN_KEYWORDS = frozenset({"slots", "frozen"})
_TELLING = frozenset({"record", "log"})  # calls whose texts are words for people


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the line it is in, what stood there and what stands there now, the new source."""

    line: int
    before: str
    after: str
    source: str


def mutants(source: str) -> Iterator[Callable[[], Mutant]]:
    """Return every change of a source text; each is made only when it is called for."""
    tree = ast.parse(source)
    for at in _places(tree):
        node = _nodes(tree)[at]
        for number, _ in enumerate(_changes(node)):
            yield _Draw(tree, at, number)


@dataclass(frozen=True, slots=True)
class _Draw:
    tree: ast.Module
    at: int
    number: int

    def __call__(self) -> Mutant:
        tree = copy.deepcopy(self.tree)
        nodes = _nodes(tree)
        old = nodes[self.at]
        before = ast.unparse(old)
        new = list(_changes(old))[self.number]
        _Swap(old, new).visit(tree)
        ast.fix_missing_locations(tree)
        assert isinstance(old, ast.expr | ast.stmt)
        return Mutant(old.lineno, before, ast.unparse(new), ast.unparse(tree) + "\n")


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Put the new node in the old one's place."""
        return self._new if node is self._old else self.generic_visit(node)


def _nodes(tree: ast.Module) -> list[ast.AST]:
    return list(ast.walk(tree))


def _places(tree: ast.Module) -> list[int]:
    """Return the numbers of nodes that may be changed."""
    closed: set[int] = set()
    for node in ast.walk(tree):
        for part in _closed_parts(node):
            closed.update(id(each) for each in ast.walk(part))
    return [number for number, node in enumerate(_nodes(tree)) if id(node) not in closed]


def _closed_parts(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node in which nothing is changed."""
    match node:
        case ast.Assert() | ast.Expr(value=ast.Constant()):
            return [node]
        case ast.Raise(exc=ast.Call(args=args)):
            return [part for part in args if not isinstance(part, ast.Call | ast.IfExp)]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return [node]
        case ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")]):
            return [node]
        case ast.AnnAssign(annotation=annotation):
            return [annotation]
        case ast.arg(annotation=annotation) if annotation:
            return [annotation]
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns) if returns:
            return [returns]
        case ast.keyword(arg=arg) if arg in _UNSEEN_KEYWORDS:
            return [node]
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name.strip("_") in (
            _TELLING
        ):
            return [each for each in node.args if isinstance(each, ast.Constant)]
        case ast.JoinedStr():
            return [part for part in node.values if isinstance(part, ast.Constant)]
        case _:
            return []


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.expr():
            yield from _expressions(node)
        case ast.AugAssign(op=op) if type(op) in _CALCULATED:
            yield ast.AugAssign(node.target, _CALCULATED[type(op)](), node.value)
        case ast.If():
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.copy_location(ast.Pass(), node)
        case ast.Return(value=value) if value and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case _:
            return


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                for other in _COMPARED[type(op)]:
                    ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
                    yield ast.Compare(node.left, ops, node.comparators)
        case ast.BinOp(op=op) if type(op) in _CALCULATED:
            yield ast.BinOp(node.left, _CALCULATED[type(op)](), node.right)
        case ast.BoolOp(op=op):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.IfExp():
            yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.Constant(value=value):
            for other_value in _values(value):
                yield ast.Constant(other_value)
        case _:
            return


def _values(value: object) -> Iterator[bool | int | str | bytes]:
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
            if value:
                yield value - 1
        case str():
            yield value + "X"
        case bytes():
            yield value + b"X"
        case _:
            return


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
