using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>Connections that end with thousands of requests in flight.</summary>
[Collection(nameof(Alone))]
public sealed class RandomEndTests(ITestOutputHelper output)
{
    /// <summary>A longer time than the suite has, as <c>00:10:00</c>: CONTRIBUTING has the command.</summary>
    private const string Duration = "ENDINGS_DURATION";

    /// <summary>The seed that a failure has told.</summary>
    private const string Seed = "ENDINGS_SEED";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Nobody_gets_the_answer_to_another_request_however_the_connection_ends()
    {
        var duration = TimeSpan.Parse(Environment.GetEnvironmentVariable(Duration) ?? "00:00:10", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable(Seed) ?? $"{Random.Shared.Next()}", CultureInfo.InvariantCulture);
        var tally = new Tally();
        var started = Stopwatch.GetTimestamp();
        var endings = 0;
        try
        {
            for (; Stopwatch.GetElapsedTime(started) < duration; endings++)
            {
                await using (var ending = new RandomEnd(seed + endings, tally))
                {
                    await ending.RunAsync().WaitAsync(Patience);
                }

                Assert.True(tally.Foreign.IsEmpty, $"{tally.Foreign.Count} are foreign, as {tally.Foreign.FirstOrDefault()}");
            }
        }
        finally
        {
            output.WriteLine($"{Seed}={seed}, the last {seed + endings}: {endings} endings, {tally.Right} right answers, {tally.Failed} failures");
        }
    }
}
