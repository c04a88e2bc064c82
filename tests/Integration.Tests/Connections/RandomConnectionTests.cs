using System.Collections.Concurrent;
using Xunit.Abstractions;

namespace Integration.Tests.Connections;

/// <summary>Connections with random requests, handlers and ends. CONTRIBUTING has the command for a longer run.</summary>
[Collection(nameof(Alone))]
[Trait("Needs", "Time")]
public sealed class RandomConnectionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Answers_are_right_and_in_order_and_nothing_is_left_however_connections_end()
    {
        var (answered, begun) = (0, 0);
        Collect(); // garbage of other tests must not count here
        var unobserved = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await new RandomRuns("CONNECTIONS", output).RepeatAsync(
                async seed =>
                {
                    var run = new ConnectionRun(seed);
                    await run.RunAsync();
                    (answered, begun) = (answered + run.Answered, begun + run.Begun);
                    Assert.Empty(unobserved);
                },
                () => $"{answered} right answers, {begun} handlers");
            Collect();
            Assert.Empty(unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    private static void Collect()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
