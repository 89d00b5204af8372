"""How Jinja turns our templates into Python: the same pages as ever, by cheaper steps for what a page does hundreds of times."""

import re
from types import FunctionType
from typing import Any

from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

_special = re.compile("[&<>\"']").search


def html(value: Any) -> str:
    """What ``markupsafe.escape`` gives, as a plain string: a template joins it to others at once, and ``Markup`` costs more than escaping."""
    kind = type(value)
    if kind is str:
        return str(escape(value)) if _special(value) else value
    return value if kind is Markup else escape(value)


class Generator(CodeGenerator):
    """Writes ``html`` where Jinja writes ``escape``, and calls plain ``_('Words')`` directly: through a context's ``call``, which looks
    what a function wants to be given, costs more than the words."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.html(")
            if finalize.src is not None:
                self.write(finalize.src)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Words without values, in HTML."""
        words = node.args[0] if len(node.args) == 1 and not (node.kwargs or node.dyn_args or node.dyn_kwargs) else None
        plain = isinstance(node.node, nodes.Name) and node.node.name == "_" and isinstance(words, nodes.Const)
        if plain and frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write(f"environment.words({words.value!r})")  # type: ignore[union-attr]
        else:
            super().visit_Call(node, frame, forward_caller=forward_caller)


class CivicContext(Context):
    """Calls macros and plain functions at once: Jinja first asks what each wants to be given, which costs more than most of them."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """``called``, with what ``@pass_eval_context`` asks for."""
        kind = type(called)
        if kind is Macro:
            args = (self.eval_ctx, *args)
        elif kind is not FunctionType or hasattr(called, "jinja_pass_arg"):
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return called(*args, **kwargs)


class CivicTemplate(Template):
    """A template whose macros are made once. Jinja compares all global names at each import of a macro, in case the importing
    template was loaded with globals of its own, which none of ours is."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module()
