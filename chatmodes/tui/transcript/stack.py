"""Heights piled up: where a thing begins and which thing lies at a row, in steps that grow with the logarithm of
their number.

Summing 10,000 heights for every scroll step would make a long conversation slower than a short one.
"""

from collections.abc import Iterable


class Stack:
    """Non-negative heights in order, as a Fenwick tree (Peter M. Fenwick, 1994): `tree[i]` sums the `i & -i` heights
    up to `i`."""

    __slots__ = ("_heights", "_tree")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights: list[int] = []
        self._tree: list[int] = [0]
        self.rebuild(heights)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        """All heights together."""
        return self.top(len(self._heights))

    def rebuild(self, heights: Iterable[int]) -> None:
        """Start again from these heights."""
        self._heights = list(heights)
        tree = [0, *self._heights]
        for index in range(1, len(tree)):
            parent = index + (index & -index)
            if parent < len(tree):
                tree[parent] += tree[index]
        self._tree = tree

    def append(self, height: int) -> None:
        """One more on the pile."""
        self._heights.append(height)
        index = len(self._heights)
        value, child = height, index - 1
        while child > index - (index & -index):
            value += self._tree[child]
            child -= child & -child
        self._tree.append(value)

    def truncate(self, size: int) -> None:
        """Forget all but the first `size`."""
        del self._heights[size:]
        del self._tree[size + 1 :]

    def put(self, index: int, height: int) -> int:
        """Change one height; returns by how much it grew."""
        delta = height - self._heights[index]
        if delta:
            self._heights[index] = height
            index += 1
            while index < len(self._tree):
                self._tree[index] += delta
                index += index & -index
        return delta

    def top(self, index: int) -> int:
        """The sum of the heights before this one."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index -= index & -index
        return total

    def find(self, row: int) -> tuple[int, int]:
        """Which thing covers the row, and the row within it. Beyond the end: (the number of things, rows beyond)."""
        index = 0
        step = 1 << (len(self._heights).bit_length())
        while step:
            following = index + step
            if following < len(self._tree) and self._tree[following] <= row:
                index = following
                row -= self._tree[following]
            step >>= 1
        return index, row
