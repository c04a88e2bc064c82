namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>
/// What nobody should do with a ValueTask. Each begins before there is a result, calls <c>complete</c>, and ends when all that it
/// has begun has ended.
/// </summary>
internal static class Misuses
{
    private const int Threads = 4;

    private static readonly TimeSpan Blocked = TimeSpan.FromMilliseconds(10);

    public static IReadOnlyDictionary<string, Func<Answer, Action, Task>> All { get; } = new Dictionary<string, Func<Answer, Action, Task>>
    {
        ["blocks, and awaits then"] = async (answer, complete) =>
        {
            await BlockAtFirstAsync(answer, complete);
            await IgnoreAsync(answer.AwaitAsync);
        },
        ["blocks and forgets it"] = BlockAtFirstAsync,
        ["never awaits"] = (_, complete) =>
        {
            complete();
            return Task.CompletedTask;
        },
        ["awaits twice at once"] = (answer, complete) => TogetherAsync(complete, answer.AwaitAsync, answer.AwaitAsync),
        ["makes two tasks of it"] = (answer, complete) => TogetherAsync(complete, answer.AsTask, answer.AsTask),
        ["awaits it and makes a task of it"] = (answer, complete) => TogetherAsync(complete, answer.AwaitAsync, answer.AsTask),
        ["blocks while another awaits"] = (answer, complete) => TogetherAsync(complete, answer.AwaitAsync, () => BlockAsync(answer)),
        ["awaits again when it is done"] = async (answer, complete) =>
        {
            var first = IgnoreAsync(answer.AwaitAsync);
            complete();
            await first;
            await IgnoreAsync(answer.AwaitAsync);
            await IgnoreAsync(answer.AsTask);
            Block(answer);
        },
        ["does everything on many threads"] = (answer, complete) => Task.WhenAll(
            Enumerable.Range(0, Threads).Select(i => Task.Run(() => i switch
            {
                0 => CompleteAsync(complete),
                1 => IgnoreAsync(() => BlockAsync(answer)),
                2 => IgnoreAsync(answer.AsTask),
                _ => IgnoreAsync(answer.AwaitAsync),
            }))),
    };

    private static Task TogetherAsync(Action complete, Func<Task> first, Func<Task> second)
    {
        Task[] both = [Task.Run(() => IgnoreAsync(first)), Task.Run(() => IgnoreAsync(second))];
        complete();
        return Task.WhenAll(both);
    }

    private static Task CompleteAsync(Action complete)
    {
        complete();
        return Task.CompletedTask;
    }

    // What is a task inside really blocks, until it is completed; all others throw at once.
    private static async Task BlockAtFirstAsync(Answer answer, Action complete)
    {
        var blocking = Task.Factory.StartNew(() => Block(answer), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(blocking, Task.Delay(Blocked));
        complete();
        await blocking;
    }

    private static async Task BlockAsync(Answer answer)
    {
        for (var i = 0; i < 100; i++)
        {
            Block(answer);
            await Task.Yield();
        }
    }

    // "At worst it throws at the misuser": this is where.
    private static void Block(Answer answer) => Record.Exception(answer.Block);

    private static async Task IgnoreAsync(Func<Task> misuse) => await Record.ExceptionAsync(misuse);
}
