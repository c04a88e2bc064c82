using Integration.Tests;
using Xunit.Abstractions;

namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>Connections that end in random ways with thousands of requests in flight. No caller may get another caller's answer.</summary>
[Collection(nameof(Alone))]
[Trait("Needs", "Time")]
public sealed class RandomEndTests(ITestOutputHelper output)
{
    [Fact]
    public Task Nobody_gets_the_answer_to_another_request_however_the_connection_ends()
    {
        var tally = new Tally();
        return new RandomRuns("ENDINGS", output).RepeatAsync(
            async seed =>
            {
                await using (var ending = new RandomEnd(seed, tally))
                {
                    await ending.RunAsync();
                }

                Assert.True(
                    tally.Foreign.IsEmpty, $"{tally.Foreign.Count} answers are wrong, for example: {tally.Foreign.FirstOrDefault()}");
            },
            () => $"{tally.Right} right answers, {tally.Failed} failures");
    }
}
