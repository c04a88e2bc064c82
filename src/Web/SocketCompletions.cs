namespace NetworkProtocol.Web;

/// <summary>
/// Runs a socket's completion on the thread that polls the socket instead of on the thread pool. With many active clients this saves about
/// a third of the CPU a message; a single active client waits some 25 microseconds longer (docs/performance.md). This is safe because the
/// server runs blocking handlers on other threads.
/// </summary>
internal static class SocketCompletions
{
    /// <summary>
    /// The runtime's switch, which the runtime reads when it uses the first socket. A value that the operator has set is kept.
    /// </summary>
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static void RunInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
