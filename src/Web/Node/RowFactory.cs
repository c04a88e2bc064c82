using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using NetworkProtocol.Admin;
using NetworkProtocol.Client;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Tls;

namespace NetworkProtocol.Web.Node;

/// <summary>Makes rows of the server's own objects.</summary>
internal static class Rows
{
    public static string Name<T>(T value)
        where T : struct, Enum => NameCache<T>.Of(value);

    public static string Peer(EndPoint? peer) => peer switch
    {
        IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped => $"{mapped.Address.MapToIPv4()}:{mapped.Port}",
        IPEndPoint address => address.ToString(),
        UnixDomainSocketEndPoint or null => "local",
        _ => peer.ToString() ?? "?",
    };

    /// <summary>A client's name with its kind, or null.</summary>
    public static string? Identity(ClientIdentity identity) => identity.Kind == ClientIdentityKind.None ? null : identity.ToString();

    public static ConnectionRow Of(Connection c, string node) => new(
        Key(node, c.Id), Peer(c.RemoteEndPoint), Identity(c.Identity), Name(c.Transport), Name(c.State), c.LastCommand,
        c.ConnectedAt, Seconds(c.Age), Seconds(c.Idle),
        c.RoundTripTime is { } time ? Math.Round(time.TotalMilliseconds, 3) : null, c.RoundTripAge is { } age ? Seconds(age) : null, c.IsPinged,
        c.MessagesReceived, c.MessagesSent, c.BytesReceived, c.BytesSent);

    public static ConnectionDetail DetailOf(Connection c, string node, TimeProvider time)
    {
        var (now, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        return new ConnectionDetail(
            Of(c, node), c.ProxyEndPoint is { } proxy ? Peer(proxy) : null, c.TlsParameters, c.Identity.Issuer, c.Identity.Thumbprint,
            c.CommandInFlight, c.LastError,
            [.. c.RecentMessages.Reverse().Select(message => new MessageRow(
                now - time.GetElapsedTime(message.At, timestamp), message.Sent ? "sent" : "received", message.Name, message.Bytes))]);
    }

    public static ClosedRow Of(ClosedConnection c, string node) => new(
        Key(node, c.Id), Peer(c.RemoteEndPoint), Identity(c.Identity), Name(c.Transport), c.Reason.ToName(), c.Reason.ToText(),
        c.LastCommand, c.ConnectedAt, c.ClosedAt,
        Seconds(c.ClosedAt - c.ConnectedAt), c.MessagesReceived, c.MessagesSent, c.BytesReceived, c.BytesSent, c.LastError);

    public static ErrorRow Of(ErrorEntry e, string node) => new(e.At, e.Kind, Peer(e.RemoteEndPoint), Key(node, e.ConnectionId), e.Text);

    public static BanRow Of(Ban ban) => new(ban.Id, ban.Target.ToString(), ban.Reason, ban.By, ban.At, ban.ExpiresAt);

    public static DrainRow Of(DrainStatus drain) =>
        new(Name(drain.Stage), drain.StartedAt, drain.Initial, drain.Remaining, drain.PerSecond, drain.Deadline);

    public static BreakerRow Of(CircuitBreaker breaker) => new(
        breaker.Name, Name(breaker.State), breaker.ConsecutiveFailures,
        breaker.RetryAfter is { } wait ? Seconds(wait) : null, breaker.LastError?.Message,
        [.. breaker.History.Reverse().Select(change => new TransitionRow(change.At, Name(change.From), Name(change.To), change.Reason))]);

    public static CertificateRow Of(CertificateStore store, X509Certificate2 certificate, DateTimeOffset now) => new(
        store.Name, certificate.Subject,
        [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))],
        certificate.Issuer, certificate.SerialNumber, certificate.GetCertHashString(HashAlgorithmName.SHA256), store.Path,
        certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), store.Expires!.Value, DaysLeft(store, now),
        store.Warnings, store.LastLoad?.At, store.LastLoad?.Problem ?? "good");

    /// <summary>How long until the first certificate of the chain expires.</summary>
    public static int DaysLeft(CertificateStore store, DateTimeOffset now) => (int)Math.Floor((store.Expires!.Value - now).TotalDays);

    private static string Key(string node, long id) => new ConnectionKey(node, id).ToString();

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);

    private static class NameCache<T>
        where T : struct, Enum
    {
        private static readonly Dictionary<T, string> Names =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static string Of(T value) => Names[value];
    }
}
