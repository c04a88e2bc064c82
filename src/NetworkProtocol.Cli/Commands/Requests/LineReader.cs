using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>
/// Reads lines as bytes, because a value need not be text. A line that is too long for a publication is skipped: standard input can be
/// anything, and must not fill the memory.
/// </summary>
internal sealed class LineReader(Stream input)
{
    private readonly PipeReader _input = PipeReader.Create(input);

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether that line is longer than a publication can be.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>
    /// The next line without its end; null after the last one. Only the beginning of a line that is too long is returned.
    /// </summary>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        byte[]? beginning = null;
        IsTooLong = false;
        while (true)
        {
            // A read of a terminal or a pipe cannot be cancelled, so it is left alone.
            var result = await _input.ReadAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            var (buffer, isLast) = (result.Buffer, result.IsCompleted);
            var end = buffer.PositionOf((byte)'\n');
            if (end is null && !isLast && buffer.Length <= Publication.MaxEncodedBytes)
            {
                _input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            var line = buffer.Slice(0, end ?? buffer.End);
            IsTooLong |= line.Length > Publication.MaxEncodedBytes;
            beginning ??= line.Slice(0, Math.Min(line.Length, Publication.MaxEncodedBytes)).ToArray();
            _input.AdvanceTo(end is { } at ? buffer.GetPosition(1, at) : buffer.End);
            if (end is not null || isLast)
            {
                Number++;
                return end is null && beginning.Length == 0 ? null : beginning.AsSpan().TrimEnd((byte)'\r').ToArray();
            }
        }
    }
}
