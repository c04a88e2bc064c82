using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>The library's own kinds of errors. A program adds its kinds with <see cref="ErrorLog.Show"/>.</summary>
internal static class ErrorKinds
{
    public const string UnknownCommand = "unknown_command";
    public const string UnknownMessage = "unknown_message";
    public const string CommandRefused = "command_refused";
    public const string BadPayload = "bad_payload";
    public const string Handler = "handler";
    public const string RequestTimeout = "request_timeout";
    public const string AnswerTooLarge = "answer_too_large";
    public const string Server = "server";

    /// <summary>The kinds above, and the reasons for which the server ends a connection because of its client.</summary>
    public static IEnumerable<string> All { get; } =
    [
        UnknownCommand, UnknownMessage, CommandRefused, BadPayload, Handler, RequestTimeout, AnswerTooLarge, Server,
        .. new[]
        {
            CloseReason.BadMagic, CloseReason.BadVersion, CloseReason.TooLarge, CloseReason.DidNotDecrypt, CloseReason.DidNotDecode,
            CloseReason.Replay, CloseReason.HandshakeRefused, CloseReason.ServerFull, CloseReason.SlowReader, CloseReason.SlowSender,
            CloseReason.ClientCertificateRefused,
        }.Select(reason => reason.ToName()),
    ];
}
