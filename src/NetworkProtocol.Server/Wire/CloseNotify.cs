using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace NetworkProtocol.Server.Wire;

/// <summary>
/// Sends TLS's close_notify, by which a client tells an orderly end from a lost connection (RFC 8446, section 6.1).
/// </summary>
internal static class CloseNotify
{
    /// <summary>The server does not wait longer than this for a client that does not read.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Sends close_notify after all bytes that were flushed before; does nothing without TLS.</summary>
    public static async Task SendAsync(ConnectionContext context, TimeProvider time)
    {
        if (context.Features.Get<ISslStreamFeature>() is not { } tls)
        {
            return;
        }

        try
        {
            await tls.SslStream.ShutdownAsync().WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or TimeoutException
            or ConnectionAbortedException)
        {
            // The client is gone or does not read, or close_notify was sent before.
        }
    }
}
