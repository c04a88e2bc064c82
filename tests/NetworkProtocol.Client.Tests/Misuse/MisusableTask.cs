namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>
/// A ValueTask of any type that a test misuses. Each function blocks on it, awaits it or makes a task of it, any number of times.
/// </summary>
internal sealed record MisusableTask(Action Block, Func<Task> AwaitAsync, Func<Task> AsTask)
{
#pragma warning disable CA2012 // the misuse that is tested
    public static MisusableTask Of<T>(ValueTask<T> value) => new(
        () => value.GetAwaiter().GetResult(), async () => await value, () => value.AsTask());

    public static MisusableTask Of(ValueTask value) => new(
        () => value.GetAwaiter().GetResult(), async () => await value, () => value.AsTask());
#pragma warning restore CA2012
}
