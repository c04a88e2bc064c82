namespace Benchmarks.Load;

/// <summary>Servers that are measured in turns, the first being what the others are compared with.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly ServerUnderLoad[] _servers;

    private Servers(ServerUnderLoad[] servers) => _servers = servers;

    public static async Task<Servers> StartAsync(params string[] kinds) =>
        new(await Task.WhenAll(kinds.Select(kind => ServerUnderLoad.StartAsync(kind))));

    /// <summary>Compares what <paramref name="measure"/> finds of each server.</summary>
    public Task CompareAsync(int rounds, Func<ServerUnderLoad, Task<Dictionary<string, double>>> measure) =>
        Comparison.RunAsync(_servers, server => server.Kind, rounds, measure);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
