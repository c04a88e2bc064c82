namespace Benchmarks.Clients;

/// <summary>
/// A client library with one connection. The caller may keep each answer, in the form that the library returns by default.
/// </summary>
internal interface IContestant : IAsyncDisposable
{
    /// <summary>Connects to <c>host:port</c> or <c>unix:/path</c> with the library's defaults.</summary>
    Task ConnectAsync(string address);

    /// <summary>One caller that sends the smallest request of the protocol.</summary>
    Task PingAsync(CallLoop loop);

    /// <summary>One caller whose answer has <see cref="Contestants.EchoLength"/> bytes.</summary>
    Task EchoAsync(CallLoop loop);
}
