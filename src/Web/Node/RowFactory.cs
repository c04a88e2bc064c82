using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Admin;
using NetworkProtocol.Client;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Tls;

namespace NetworkProtocol.Web.Node;

/// <summary>Converts the server's objects to the rows of the API. The rows have the node's id in their keys.</summary>
internal static class RowFactory
{
    public static ConnectionRow Of(Connection c, string node) => new(
        Key(node, c.Id), ApiNames.Peer(c.RemoteEndPoint), ApiNames.Identity(c.Identity),
        ApiNames.Name(c.Transport), ApiNames.Name(c.State), c.LastCommand,
        c.ConnectedAt, Seconds(c.Age), Seconds(c.Idle),
        c.RoundTripTime is { } time ? Math.Round(time.TotalMilliseconds, 3) : null,
        c.RoundTripAge is { } age ? Seconds(age) : null,
        c.IsPinged,
        c.MessagesReceived, c.MessagesSent, c.BytesReceived, c.BytesSent);

    public static ConnectionDetail DetailOf(Connection c, string node, TimeProvider time)
    {
        var (now, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        return new ConnectionDetail(
            Of(c, node), c.ProxyEndPoint is { } proxy ? ApiNames.Peer(proxy) : null,
            c.TlsParameters, c.Identity.Issuer, c.Identity.Thumbprint,
            c.CommandInFlight, c.LastError,
            [.. c.RecentMessages.Reverse().Select(message => new MessageRow(
                now - time.GetElapsedTime(message.At, timestamp), message.Sent ? "sent" : "received", message.Name, message.Bytes))]);
    }

    public static ClosedRow Of(ClosedConnection c, string node) => new(
        Key(node, c.Id), ApiNames.Peer(c.RemoteEndPoint), ApiNames.Identity(c.Identity),
        ApiNames.Name(c.Transport), c.Reason.ToName(), c.Reason.ToText(),
        c.LastCommand, c.ConnectedAt, c.ClosedAt,
        Seconds(c.ClosedAt - c.ConnectedAt), c.MessagesReceived, c.MessagesSent, c.BytesReceived, c.BytesSent, c.LastError);

    public static ErrorRow Of(ErrorEntry e, string node) =>
        new(e.At, e.Kind, ApiNames.Peer(e.RemoteEndPoint), Key(node, e.ConnectionId), e.Text);

    public static BanRow Of(Ban ban) => new(ban.Id, ban.Target.ToString(), ban.Reason, ban.By, ban.At, ban.ExpiresAt);

    public static DrainRow Of(DrainStatus drain) =>
        new(ApiNames.Name(drain.Stage), drain.StartedAt, drain.Initial, drain.Remaining, drain.PerSecond, drain.Deadline);

    public static BreakerRow Of(CircuitBreaker breaker) => new(
        breaker.Name, ApiNames.Name(breaker.State), breaker.ConsecutiveFailures,
        breaker.RetryAfter is { } wait ? Seconds(wait) : null, breaker.LastError?.Message,
        [.. breaker.History.Reverse().Select(change =>
            new TransitionRow(change.At, ApiNames.Name(change.From), ApiNames.Name(change.To), change.Reason))]);

    public static CertificateRow Of(CertificateStore store, X509Certificate2 certificate, DateTimeOffset now) => new(
        store.Name, certificate.Subject,
        [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))],
        certificate.Issuer, certificate.SerialNumber, certificate.GetCertHashString(HashAlgorithmName.SHA256), store.Path,
        certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), store.Expires!.Value, DaysLeft(store, now),
        store.Warnings, store.LastLoad?.At, store.LastLoad?.Problem ?? "good");

    /// <summary>The number of days until the first certificate of the chain expires.</summary>
    public static int DaysLeft(CertificateStore store, DateTimeOffset now) => (int)Math.Floor((store.Expires!.Value - now).TotalDays);

    private static string Key(string node, long id) => new ConnectionKey(node, id).ToString();

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);
}
