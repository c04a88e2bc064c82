namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>Misuses each ValueTask of the client in each way, while other callers use the client correctly.</summary>
internal static class MisusingProgram
{
    public const string Verdict = "All answers were right.";

    private const int Rounds = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task Main()
    {
        await using var targets = await Targets.StartAsync();
        foreach (var (target, begin) in targets.Named)
        {
            foreach (var (misuse, commit) in Misuses.All)
            {
                Console.WriteLine($"{target}: {misuse}");
                for (var i = 0; i < Rounds; i++)
                {
                    var (task, complete) = begin();
                    var honest = i == 0 ? targets.AskHonestlyAsync() : Task.CompletedTask;
                    await Task.WhenAll(commit(task, complete), honest).WaitAsync(Patience);
                }
            }

            await targets.AskHonestlyAsync().WaitAsync(Patience);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        await targets.AskHonestlyAsync().WaitAsync(Patience);
        Console.WriteLine(Verdict);
    }
}
