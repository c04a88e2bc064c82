using Microsoft.Extensions.Options;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// What all connections together may hold of packets that are not complete yet. A connection takes at most twice of what
/// has really come from its client, so a header's claim alone costs nothing.
/// </summary>
internal sealed class BufferBudget(IOptions<ServerOptions> options)
{
    private long _taken;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= options.Value.MaxBufferedBytes)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
