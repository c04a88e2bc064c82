using System.Threading.Channels;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// What a channel holds, for <c>await foreach</c>. MoveNextAsync is a task, which may be awaited twice or never; that of an iterator
/// which the compiler makes ends the process then.
/// </summary>
internal sealed class ChannelItems<T>(Func<ChannelReader<T>> enter, Action<ChannelReader<T>> leave, CancellationToken token) : IAsyncEnumerable<T>
{
    public ChannelItems(ChannelReader<T> reader, CancellationToken token)
        : this(() => reader, static _ => { }, token)
    {
    }

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Enumerator(enter(), leave, CancellationTokenSource.CreateLinkedTokenSource(token, cancellationToken));

    private sealed class Enumerator(ChannelReader<T> reader, Action<ChannelReader<T>> leave, CancellationTokenSource either) : IAsyncEnumerator<T>
    {
        private readonly CancellationToken _either = either.Token;

        public T Current { get; private set; } = default!;

        public async ValueTask<bool> MoveNextAsync()
        {
            while (await reader.WaitToReadAsync(_either).ConfigureAwait(false))
            {
                if (reader.TryRead(out var item))
                {
                    Current = item;
                    return true;
                }
            }

            return false;
        }

        public ValueTask DisposeAsync()
        {
            leave(reader);
            either.Dispose();
            return default;
        }
    }
}
