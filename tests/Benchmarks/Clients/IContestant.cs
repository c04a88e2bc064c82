namespace Benchmarks.Clients;

/// <summary>A client library over one connection. Each answer is one that its caller may keep, as the library gives it by itself.</summary>
internal interface IContestant : IAsyncDisposable
{
    /// <summary>Connects to <c>host:port</c> or <c>unix:/path</c> with the library's defaults.</summary>
    Task ConnectAsync(string address);

    /// <summary>One caller that asks for the least that the protocol knows.</summary>
    Task PingAsync(CallLoop loop);

    /// <summary>One caller that wants <see cref="Contestants.EchoLength"/> bytes back.</summary>
    Task EchoAsync(CallLoop loop);
}
