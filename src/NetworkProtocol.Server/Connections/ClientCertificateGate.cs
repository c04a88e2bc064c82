using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// Stands behind TLS and ends a client whose certificate is refused. The refusal comes after the handshake, because a handshake that fails
/// for its certificate ends without a word on Linux (.NET 10): the client is told close_notify, and knows an end from a cut.
/// </summary>
internal sealed class ClientCertificateGate(ErrorLog errors, BufferBudget budget, TimeProvider time, ILogger<ClientCertificateGate> logger)
{
    /// <summary>A client may send its first messages before it learns of the end; closing with these unread would reset the connection.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task RunAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var connection = context.Features.Get<Connection>()!;
        if (connection.CertificateProblem is not { } problem)
        {
            await next(context);
            return;
        }

        connection.IsPastTls = true;
        connection.EndWith(CloseReason.ClientCertificateRefused);
        errors.Add(CloseReason.ClientCertificateRefused.ToName(), connection, problem);
        Log.ClientCertificateRefused(logger, connection.Id, connection.RemoteEndPoint, problem);
        await connection.SendCloseNotifyAsync();
        using var share = new BufferShare(budget, connection);
        var input = new SessionInput(context.Transport.Input, connection, share, time);
        await input.LingerAsync(Quiet, Patience);
    }
}
