"""Several streams as one, each piece as it comes."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import anyio
from anyio.streams.memory import MemoryObjectSendStream


@asynccontextmanager
async def merged(streams: Sequence[AsyncGenerator[bytes]]) -> AsyncGenerator[AsyncIterator[bytes]]:
    """What all of them bring, in the order in which it comes; the end of the last is the end. None runs ahead of its
    reader by more than one piece."""
    if len(streams) == 1:  # no task between a run and its one reader
        async with aclosing(streams[0]) as only:
            yield only
        return
    send, receive = anyio.create_memory_object_stream[bytes](0)
    async with anyio.create_task_group() as tasks:
        for stream in streams:
            tasks.start_soon(_pump, stream, send.clone())
        send.close()
        with receive:
            yield receive
        tasks.cancel_scope.cancel()


async def _pump(stream: AsyncGenerator[bytes], send: MemoryObjectSendStream[bytes]) -> None:
    with send:
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                await send.send(piece)
