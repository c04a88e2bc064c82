namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>
/// The ways to misuse a ValueTask. Each starts before there is a result, calls <c>complete</c>, and ends when everything that it has
/// started has ended.
/// </summary>
internal static class Misuses
{
    private const int Threads = 4;

    private static readonly TimeSpan Blocked = TimeSpan.FromMilliseconds(10);

    public static Dictionary<string, Func<MisusableTask, Action, Task>> All { get; } = new()
    {
        ["blocks, and awaits then"] = async (task, complete) =>
        {
            await BlockAtFirstAsync(task, complete);
            await IgnoreAsync(task.AwaitAsync);
        },
        ["blocks and forgets it"] = BlockAtFirstAsync,
        ["never awaits"] = (_, complete) =>
        {
            complete();
            return Task.CompletedTask;
        },
        ["awaits twice at once"] = (task, complete) => TogetherAsync(complete, task.AwaitAsync, task.AwaitAsync),
        ["makes two tasks of it"] = (task, complete) => TogetherAsync(complete, task.AsTask, task.AsTask),
        ["awaits it and makes a task of it"] = (task, complete) => TogetherAsync(complete, task.AwaitAsync, task.AsTask),
        ["blocks while another awaits"] = (task, complete) => TogetherAsync(complete, task.AwaitAsync, () => BlockAsync(task)),
        ["awaits again when it is done"] = async (task, complete) =>
        {
            var first = IgnoreAsync(task.AwaitAsync);
            complete();
            await first;
            await IgnoreAsync(task.AwaitAsync);
            await IgnoreAsync(task.AsTask);
            Block(task);
        },
        ["does everything on many threads"] = (task, complete) => Task.WhenAll(
            Enumerable.Range(0, Threads).Select(i => Task.Run(() => i switch
            {
                0 => CompleteAsync(complete),
                1 => IgnoreAsync(() => BlockAsync(task)),
                2 => IgnoreAsync(task.AsTask),
                _ => IgnoreAsync(task.AwaitAsync),
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

    // A ValueTask with a task inside really blocks until the task is complete. All others throw at once.
    private static async Task BlockAtFirstAsync(MisusableTask task, Action complete)
    {
        var blocking = Task.Factory.StartNew(() => Block(task), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(blocking, Task.Delay(Blocked));
        complete();
        await blocking;
    }

    private static async Task BlockAsync(MisusableTask task)
    {
        for (var i = 0; i < 100; i++)
        {
            Block(task);
            await Task.Yield();
        }
    }

    // Here the misuse throws, and only at the misuser.
    private static void Block(MisusableTask task) => Record.Exception(task.Block);

    private static async Task IgnoreAsync(Func<Task> misuse) => await Record.ExceptionAsync(misuse);
}
