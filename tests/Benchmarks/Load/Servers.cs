namespace Benchmarks.Load;

/// <summary>Servers that a scenario measures in turns. The first server is the baseline.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly ServerUnderLoad[] _servers;

    private Servers(ServerUnderLoad[] servers) => _servers = servers;

    public static async Task<Servers> StartAsync(params string[] kinds) =>
        new(await Task.WhenAll(kinds.Select(kind => ServerUnderLoad.StartAsync(kind))));

    /// <summary>Compares the figures that <paramref name="measure"/> returns for each server.</summary>
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
