namespace Benchmarks.Load;

/// <summary>Servers that are measured in turns, the first being what the others are compared with.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly ServerUnderLoad[] _servers;

    private Servers(ServerUnderLoad[] servers) => _servers = servers;

    public static async Task<Servers> StartAsync(params string[] kinds) =>
        new(await Task.WhenAll(kinds.Select(ServerUnderLoad.StartAsync)));

    /// <summary>Prints the median of each figure, and of its ratio to the first server's in the same round.</summary>
    public async Task CompareAsync(int rounds, Func<ServerUnderLoad, Task<Dictionary<string, double>>> measure)
    {
        var results = _servers.Select(_ => new List<Dictionary<string, double>>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < _servers.Length; i++)
            {
                results[i].Add(await measure(_servers[i]));
            }
        }

        for (var i = 0; i < _servers.Length; i++)
        {
            var figures = results[i][0].Keys.Select(key =>
            {
                var value = Median(results[i].Select(result => result[key]));
                var ratio = Median(results[i].Zip(results[0], (ours, first) => ours[key] / first[key]));
                return FormattableString.Invariant($"{value,12:#,0.0} {key} ({ratio:0.00})");
            });
            Console.WriteLine($"  {_servers[i].Kind,-14}{string.Join("  ", figures)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
