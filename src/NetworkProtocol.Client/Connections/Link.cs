using System.IO.Pipelines;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>A stream to a server on which messages may be sent: TLS or the secure handshake is complete.</summary>
internal sealed record Link(Stream Stream, PipeReader Input, SecureChannel? Channel) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        await Input.CompleteAsync().ConfigureAwait(false);
        await Stream.DisposeAsync().ConfigureAwait(false);
    }
}
