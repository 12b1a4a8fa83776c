"""The code blocks of an answer, those in lists and quotes too, as they are copied and saved."""

from typing import NamedTuple

from chatmodes.tui.markdown.paint import parsed

SUFFIXES = {
    "bash": ".sh", "sh": ".sh", "shell": ".sh", "zsh": ".sh", "c": ".c", "c++": ".cpp", "cpp": ".cpp",
    "c#": ".cs", "csharp": ".cs", "css": ".css", "csv": ".csv", "diff": ".diff", "patch": ".patch",
    "dockerfile": ".dockerfile", "go": ".go", "haskell": ".hs", "html": ".html", "java": ".java", "javascript": ".js",
    "js": ".js", "json": ".json", "jsx": ".jsx", "julia": ".jl", "kotlin": ".kt", "latex": ".tex", "lua": ".lua",
    "makefile": ".mk", "markdown": ".md", "md": ".md", "perl": ".pl", "php": ".php", "powershell": ".ps1",
    "py": ".py", "python": ".py", "python3": ".py", "r": ".r", "rb": ".rb", "rs": ".rs", "ruby": ".rb",
    "rust": ".rs", "scala": ".scala", "sql": ".sql", "svg": ".svg", "swift": ".swift", "tex": ".tex", "toml": ".toml",
    "ts": ".ts", "tsx": ".tsx", "typescript": ".ts", "xml": ".xml", "yaml": ".yaml", "yml": ".yaml", "zig": ".zig",
}  # fmt: skip
"""How files of a language are named, by what models call it."""


class CodeBlock(NamedTuple):
    """One fence."""

    language: str
    """As the model named it; empty where it did not."""
    text: str

    @property
    def suffix(self) -> str:
        """How a file of it is named."""
        return SUFFIXES.get(self.language.lower(), ".txt")


def code_blocks(markdown: str) -> list[CodeBlock]:
    """All fences of a text in their order, what a list or a quote puts before their lines taken away."""
    fences = (token for token in parsed(markdown) if token.type == "fence")
    return [CodeBlock((token.info.split() or [""])[0], token.content.removesuffix("\n")) for token in fences]
