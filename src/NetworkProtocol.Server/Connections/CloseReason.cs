namespace NetworkProtocol.Server.Connections;

/// <summary>Why a connection ended; in logs, metrics and lists as the names in snake case.</summary>
public enum CloseReason
{
    /// <summary>Still open.</summary>
    None,

    /// <summary>The client closed its side.</summary>
    ClientLeft,

    /// <summary>The client said Disconnect.</summary>
    Disconnect,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimedOut,

    /// <summary>The handshake was not acceptable.</summary>
    HandshakeRefused,

    /// <summary>A recorded handshake or packet came again.</summary>
    Replay,

    /// <summary>Bytes that are not this protocol's.</summary>
    BadMagic,

    /// <summary>A version that is not spoken here.</summary>
    BadVersion,

    /// <summary>A packet over the limit.</summary>
    TooLarge,

    /// <summary>A packet that is not authentic.</summary>
    DidNotDecrypt,

    /// <summary>A message that is cut short or not UTF-8.</summary>
    DidNotDecode,

    /// <summary>Nothing came for four heartbeat intervals.</summary>
    Dead,

    /// <summary>The client did not read its answers.</summary>
    SlowReader,

    /// <summary>An operator ended it.</summary>
    Kicked,

    /// <summary>Its address or certificate is banned.</summary>
    Banned,

    /// <summary>The server had as many connections as it may.</summary>
    ServerFull,

    /// <summary>The address had as many connections as it may.</summary>
    TooManyFromAddress,

    /// <summary>The server is stopping.</summary>
    Draining,

    /// <summary>TLS could not be agreed on.</summary>
    TlsFailed,

    /// <summary>A PROXY header that is damaged or not from a trusted proxy.</summary>
    BadProxyHeader,

    /// <summary>A fault of the server.</summary>
    ServerError,

    /// <summary>The client did not finish a packet that it had begun.</summary>
    SlowSender,

    /// <summary>The replay cache had no room for the handshake.</summary>
    ReplayCacheFull,

    /// <summary>Its TLS certificate was not acceptable, or it sent none where one is required.</summary>
    ClientCertificateRefused,
}

/// <summary>The words of <see cref="CloseReason"/>.</summary>
public static class CloseReasonNames
{
    private static readonly string[] Names = Enum.GetNames<CloseReason>()
        .Select(name => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name)).ToArray();

    /// <summary>The name in snake case, as <c>client_left</c>.</summary>
    public static string ToName(this CloseReason reason) => Names[(int)reason];

    /// <summary>What happened, as a sentence for people.</summary>
    public static string ToText(this CloseReason reason) => reason switch
    {
        CloseReason.None => "It is open.",
        CloseReason.ClientLeft => "The client closed its side.",
        CloseReason.Disconnect => "The client said Disconnect.",
        CloseReason.HandshakeTimedOut => "The handshake took too long.",
        CloseReason.HandshakeRefused => "The handshake was not acceptable.",
        CloseReason.Replay => "A recorded handshake or packet came again.",
        CloseReason.BadMagic => "It sent bytes that are not this protocol's.",
        CloseReason.BadVersion => "It spoke a version that is not known here.",
        CloseReason.TooLarge => "It sent a packet over the limit.",
        CloseReason.DidNotDecrypt => "It sent a packet that is not authentic.",
        CloseReason.DidNotDecode => "It sent a message that is cut short or not UTF-8.",
        CloseReason.Dead => "Nothing came for four heartbeat intervals.",
        CloseReason.SlowReader => "It did not read its answers.",
        CloseReason.SlowSender => "It did not finish a packet that it had begun.",
        CloseReason.Kicked => "An operator ended it.",
        CloseReason.Banned => "Its address or certificate is banned.",
        CloseReason.ServerFull => "The server had as many connections as it may have, or as many bytes in memory.",
        CloseReason.TooManyFromAddress => "Its address had as many connections as it may.",
        CloseReason.Draining => "The server was draining.",
        CloseReason.TlsFailed => "TLS could not be agreed on.",
        CloseReason.BadProxyHeader => "It sent a PROXY header that is damaged or not from a trusted proxy.",
        CloseReason.ReplayCacheFull => "The replay cache had no room left for handshakes of its address.",
        CloseReason.ClientCertificateRefused => "Its TLS certificate was not acceptable, or it sent none where one is required.",
        _ => "The server failed.",
    };
}
