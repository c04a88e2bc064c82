using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using NetworkProtocol.Packets;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server.Connections;

/// <summary>The transports of one TCP port: the first byte of a connection says which one its client speaks.</summary>
/// <param name="mode">Which transports the port accepts.</param>
/// <param name="tls">Serves a client that speaks TLS.</param>
/// <param name="secure">Serves a client that begins the secure handshake.</param>
internal sealed class TransportChoice(TlsMode mode, ConnectionDelegate tls, ConnectionDelegate secure)
{
    private const byte TlsHandshakeRecord = 0x16;

    public async Task RunAsync(ConnectionContext context, Connection connection, byte first)
    {
        if (first == TlsHandshakeRecord && mode != TlsMode.Disabled)
        {
            connection.Transport = ConnectionTransport.Tls;
            await RunTlsAsync(context, connection);
        }
        else if (first == PacketHeader.Magic[0] && mode != TlsMode.Required)
        {
            connection.Transport = ConnectionTransport.Secure;
            await secure(context);
        }
        else
        {
            connection.EndWith(first == PacketHeader.Magic[0] ? CloseReason.HandshakeRefused : CloseReason.BadMagic);
        }
    }

    private async Task RunTlsAsync(ConnectionContext context, Connection connection)
    {
        if (context.Features.Get<IMemoryPoolFeature>()?.MemoryPool is LargeBlockPool pool)
        {
            context.Features.Set<IMemoryPoolFeature>(new TlsMemory(pool.Small));
        }

        try
        {
            await tls(context);
        }
#pragma warning disable CA1031 // If bytes are not TLS, the client is at fault and not the server, whatever exception SslStream throws.
        catch (Exception) when (!connection.IsPastTls)
#pragma warning restore CA1031
        {
            // Kestrel ends some failed handshakes without an exception, so the reason is set below for both.
        }

        if (!connection.IsPastTls)
        {
            connection.EndWith(CloseReason.TlsFailed);
        }
    }

    private sealed record TlsMemory(MemoryPool<byte> MemoryPool) : IMemoryPoolFeature;
}
