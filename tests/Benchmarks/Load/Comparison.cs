namespace Benchmarks.Load;

/// <summary>Measures subjects in turns. The first subject is the baseline of the comparison.</summary>
internal static class Comparison
{
    /// <summary>Prints the median of each figure, and of its ratio to the baseline's figure in the same round.</summary>
    public static async Task RunAsync<T>(
        IReadOnlyList<T> all, Func<T, string> getName, int rounds, Func<T, Task<Dictionary<string, double>>> measure)
    {
        var results = all.Select(_ => new List<Dictionary<string, double>>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < all.Count; i++)
            {
                results[i].Add(await measure(all[i]));
            }
        }

        for (var i = 0; i < all.Count; i++)
        {
            var figures = results[i][0].Keys.Select(key =>
            {
                var value = Median(results[i].Select(result => result[key]));
                var ratio = Median(results[i].Zip(results[0], (ours, first) => ours[key] / first[key]));
                return FormattableString.Invariant($"{value,12:#,0.0} {key} ({ratio:0.00})");
            });
            Console.WriteLine($"  {getName(all[i]),-14}{string.Join("  ", figures)}");
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
