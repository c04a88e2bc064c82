using System.Formats.Asn1;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// The middleware after TLS: notes the TLS parameters, and ends a connection whose client certificate is refused or banned. The refusal
/// comes after the handshake, because SslStream on Linux (.NET 10) ends a handshake that fails for its certificate without an alert or
/// close_notify. After the handshake the server can send close_notify, by which the client tells an orderly end from a lost connection.
/// </summary>
internal sealed class ClientCertificateGate(
    ErrorLog errors, BufferBudget budget, BanList bans, TimeProvider time, ILogger<ClientCertificateGate> logger)
{
    /// <summary>
    /// The client has closed once it is silent for this long. A client may send messages before it learns of the end, and to close with
    /// unread bytes would reset the connection.
    /// </summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    /// <summary>The server waits for the client no longer than this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task RunAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = context.Features.Get<Connection>()!;
        connection.IsPastTls = true;
        Describe(context, connection);
        if (connection.CertificateProblem is { } problem)
        {
            connection.EndWith(CloseReason.ClientCertificateRefused);
            errors.Add(CloseReason.ClientCertificateRefused.ToName(), connection, problem);
            Log.ClientCertificateRefused(logger, connection.Id, connection.RemoteEndPoint, problem);
            await EndAsync(context, connection);
            return;
        }

        if (bans.IsBannedByIdentity(connection))
        {
            await EndAsync(context, connection);
            return;
        }

        await next(context);
    }

    private static void Describe(ConnectionContext context, Connection connection)
    {
        if (context.Features.Get<ITlsHandshakeFeature>() is { } tls)
        {
            var version = tls.Protocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2"; // older versions are not accepted
            connection.TlsParameters = $"{version}, {tls.NegotiatedCipherSuite}";
        }

        if (connection.CertificateProblem is null && context.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is { } certificate)
        {
            try
            {
                connection.Identity = CertificateIdentity.Of(certificate);
            }
            catch (Exception e) when (e is AsnContentException or CryptographicException)
            {
                // The certificate's other names do not stand in for the unreadable one, because that one may be banned.
                connection.CertificateProblem = $"The names in the client's certificate cannot be read: {e.Message}";
            }
        }
    }

    private async Task EndAsync(ConnectionContext context, Connection connection)
    {
        await connection.SendCloseNotifyAsync();
        using var share = new BufferShare(budget, connection);
        var input = new PacketInput(context.Transport.Input, connection, share, time);
        await input.LingerAsync(Quiet, Patience);
    }
}
