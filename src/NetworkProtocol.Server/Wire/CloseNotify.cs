using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace NetworkProtocol.Server.Wire;

/// <summary>TLS's word that nothing more comes, by which a client tells an end from a cut (RFC 8446, section 6.1).</summary>
internal static class CloseNotify
{
    /// <summary>A client that does not take it in this time does without.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Sends it on a TLS connection, after all that was flushed before.</summary>
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
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException or TimeoutException or ConnectionAbortedException)
        {
            // The client is gone, does not read, or was told before.
        }
    }
}
