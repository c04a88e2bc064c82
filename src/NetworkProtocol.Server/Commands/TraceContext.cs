using System.Diagnostics;
using System.Text;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// The span of a command. It is a child of the client's span if the client sends one: <c>NAME;traceparent=VALUE</c> in place of the
/// command's name (W3C Trace Context, section 3.2).
/// </summary>
public static class TraceContext
{
    /// <summary>The name of the <see cref="ActivitySource"/>.</summary>
    public const string SourceName = "NetworkProtocol.Server";

    private static readonly ActivitySource Source = new(SourceName);

    private const int MaxLength = 128; // version 00 has 55 bytes, later versions may have more

    private static ReadOnlySpan<byte> Mark => ";traceparent="u8;

    internal static bool TryCut(scoped ref ReadOnlySpan<byte> name, out string? traceParent)
    {
        var mark = name.IndexOf(Mark);
        traceParent = null;
        if (mark < 0 || name.Length - mark - Mark.Length > MaxLength)
        {
            return false;
        }

        traceParent = Encoding.ASCII.GetString(name[(mark + Mark.Length)..]);
        name = name[..mark];
        return true;
    }

    internal static Activity? Start(string command, string? traceParent)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        return Source.StartActivity(command, ActivityKind.Server, parent)?.SetTag("rpc.system.name", "npro").SetTag("rpc.method", command);
    }
}
