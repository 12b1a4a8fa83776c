"""Heights piled up behave as a list of them, summed."""

from hypothesis import given
from hypothesis import strategies as st

from chatmodes.tui.transcript.stack import Stack

HEIGHTS = st.lists(st.integers(0, 9), max_size=40)


@given(HEIGHTS, HEIGHTS, st.data())
def test_a_stack_is_a_list_of_heights(first: list[int], more: list[int], data: st.DataObject):
    stack, heights = Stack(first), list(first)
    for height in more:
        stack.append(height)
        heights.append(height)
    if heights:
        index = data.draw(st.integers(0, len(heights) - 1))
        assert stack.put(index, 5) == 5 - heights[index]
        heights[index] = 5
        size = data.draw(st.integers(0, len(heights)))
        stack.truncate(size)
        del heights[size:]
        stack.append(3)
        heights.append(3)
    assert [stack[index] for index in range(len(stack))] == heights
    assert [stack.top(index) for index in range(len(heights) + 1)] == [
        sum(heights[:index]) for index in range(len(heights) + 1)
    ]
    rows = [(index, row) for index, height in enumerate(heights) for row in range(height)]
    assert [stack.find(row) for row in range(stack.total)] == rows
    assert stack.find(stack.total + 2) == (len(heights), 2)
