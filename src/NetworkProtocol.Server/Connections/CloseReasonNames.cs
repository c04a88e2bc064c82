using System.Text.Json;

namespace NetworkProtocol.Server.Connections;

/// <summary>The names and texts of <see cref="CloseReason"/>.</summary>
public static class CloseReasonNames
{
    private static readonly string[] Names = [.. Enum.GetValues<CloseReason>().Select(NameOf)];

    /// <summary>The name in snake case, as <c>client_left</c>.</summary>
    public static string ToName(this CloseReason reason) => Names[(int)reason];

    /// <summary>What happened, as a sentence for people.</summary>
    public static string ToText(this CloseReason reason) => reason switch
    {
        CloseReason.None => "It is open.",
        CloseReason.ClientLeft => "The client closed its side.",
        CloseReason.Disconnect => "The client sent Disconnect.",
        CloseReason.HandshakeTimedOut => "The handshake took too long.",
        CloseReason.HandshakeRefused => "The server refused the handshake.",
        CloseReason.Replay => "The client repeated a handshake or packet that the server had already received.",
        CloseReason.BadMagic => "The client sent bytes that do not belong to this protocol.",
        CloseReason.BadVersion => "The client uses a protocol version that the server does not support.",
        CloseReason.TooLarge => "The client sent a packet larger than Server:MaxPayloadBytes allows.",
        CloseReason.DidNotDecrypt => "The client sent a packet that could not be decrypted.",
        CloseReason.DidNotDecode => "The client sent a message that is incomplete or not valid UTF-8.",
        CloseReason.Dead => "The client sent nothing for four heartbeat intervals.",
        CloseReason.SlowReader => "The client did not read its answers.",
        CloseReason.SlowSender => "The client did not finish a packet in time.",
        CloseReason.DisconnectedByOperator => "An operator disconnected the client.",
        CloseReason.Banned => "The client's address or certificate is banned.",
        CloseReason.ServerFull => "The server had reached its limit of connections or of buffered bytes.",
        CloseReason.TooManyFromAddress => "The client's address had reached its limit of connections.",
        CloseReason.Draining => "The server was draining.",
        CloseReason.TlsFailed => "The TLS handshake failed.",
        CloseReason.BadProxyHeader => "The client sent a PROXY header that is damaged or not from a trusted proxy.",
        CloseReason.ReplayCacheFull => "The replay cache had no room left for handshakes from the client's address.",
        CloseReason.ClientCertificateRefused =>
            "The server refused the client's TLS certificate, or the client sent no certificate although one is required.",
        _ => "The server failed.",
    };

    // Metrics, logs and the API have printed "kicked" since their first version, and alerts and scripts read that name.
    private static string NameOf(CloseReason reason) =>
        reason == CloseReason.DisconnectedByOperator ? "kicked" : JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}
