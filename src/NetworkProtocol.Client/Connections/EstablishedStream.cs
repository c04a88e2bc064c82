using System.IO.Pipelines;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>A stream to a server that is ready for messages: TLS or the secure handshake is complete.</summary>
/// <param name="Stream">The stream for output.</param>
/// <param name="Input">The reader for input. It may hold bytes that came after the handshake.</param>
/// <param name="Channel">The secure handshake's channel. Null: packets are plain.</param>
internal sealed record EstablishedStream(Stream Stream, PipeReader Input, SecureChannel? Channel) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        await Input.CompleteAsync().ConfigureAwait(false);
        await Stream.DisposeAsync().ConfigureAwait(false);
    }
}
