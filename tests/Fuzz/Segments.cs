using System.Buffers;

namespace Fuzz;

/// <summary>The same bytes in pieces, as a network delivers them.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    public static ReadOnlySequence<byte> Cut(byte[] bytes, int size)
    {
        if (bytes.Length == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        Segments? first = null, last = null;
        foreach (var chunk in bytes.Chunk(size))
        {
            var next = new Segments { Memory = chunk, RunningIndex = (last?.RunningIndex + last?.Memory.Length) ?? 0 };
            first ??= next;
            if (last is not null)
            {
                last.Next = next;
            }

            last = next;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }
}
