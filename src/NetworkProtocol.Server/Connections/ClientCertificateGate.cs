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
/// Stands behind TLS, notes what was agreed on, and ends a client whose certificate is refused or banned. The refusal comes after the
/// handshake, because a handshake that fails for its certificate ends without a word on Linux (.NET 10): the client is told close_notify,
/// and knows an end from a cut.
/// </summary>
internal sealed class ClientCertificateGate(ErrorLog errors, BufferBudget budget, BanList bans, TimeProvider time, ILogger<ClientCertificateGate> logger)
{
    /// <summary>A client may send its first messages before it learns of the end; closing with these unread would reset the connection.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

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
            var version = tls.Protocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2"; // no older one is accepted
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
                connection.CertificateProblem = $"The names in the client's certificate cannot be read: {e.Message}"; // no other name in their place: it may be banned
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
