namespace NetworkProtocol.Client.Tests.Misuse;

/// <summary>A ValueTask of any kind, to be misused: what blocks on it, awaits it and makes a task of it, as often as one likes.</summary>
internal sealed record Answer(Action Block, Func<Task> AwaitAsync, Func<Task> AsTask)
{
#pragma warning disable CA2012 // what is tested
    public static Answer Of<T>(ValueTask<T> value) => new(
        () => value.GetAwaiter().GetResult(), async () => await value, () => value.AsTask());

    public static Answer Of(ValueTask value) => new(
        () => value.GetAwaiter().GetResult(), async () => await value, () => value.AsTask());
#pragma warning restore CA2012
}
