using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>
/// A branch of the tree of topics on the page Data: all sources, a source, or a level of its topics. What is below it is read when the
/// user opens it, and in parts, so that a hub with very many series costs no more than what is shown of it.
/// </summary>
public sealed class TopicBranch
{
    /// <summary>After so many children the user is asked whether to read on.</summary>
    private const int MaxChildren = 200;

    /// <summary>After so many series, too: a level can have few children with many series each.</summary>
    private const int MaxRows = 10_000;

    private const int RowsOfPart = 1000;

    private readonly string? _source;
    private readonly string? _topic;
    private readonly HashSet<string> _known = [];
    private string? _next;

    private TopicBranch(string? source, string? topic, string title) => (_source, _topic, Title) = (source, topic, title);

    /// <summary>The source's name, or the level of the topic.</summary>
    public string Title { get; }

    /// <summary>Whether the user sees what is below it.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether there is more below it than was read.</summary>
    public bool HasMore => _next is not null;

    /// <summary>The levels below it.</summary>
    public List<TopicBranch> Branches { get; } = [];

    /// <summary>The series directly below it, with their names there.</summary>
    public List<(string Title, HubSeriesRow Series)> Leaves { get; } = [];

    /// <summary>All sources.</summary>
    public static TopicBranch Root() => new(null, null, "Sources");

    /// <summary>Opens or closes it.</summary>
    /// <exception cref="NodeException">What is below it cannot be read.</exception>
    public async Task ToggleAsync(INodeView view)
    {
        if (IsOpen)
        {
            IsOpen = false;
        }
        else
        {
            await OpenAsync(view);
        }
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="NodeException">What is below it cannot be read.</exception>
    public async Task OpenAsync(INodeView view)
    {
        if (Branches.Count + Leaves.Count == 0)
        {
            _known.Clear();
            _next = null;
            await ReadOnAsync(view);
        }

        IsOpen = true;
    }

    /// <summary>Opens it and the branches on the way to a topic of a source, as far as the hub has series there.</summary>
    /// <exception cref="NodeException">A branch cannot be read.</exception>
    public async Task OpenAsync(INodeView view, string source, string topic)
    {
        await OpenAsync(view);
        var branch = await FindAsync(view, source, null, source);
        for (var end = EndOfLevel(topic, 0); branch is not null; end = EndOfLevel(topic, end + 1))
        {
            await branch.OpenAsync(view);
            if (end >= topic.Length)
            {
                return;
            }

            branch = await branch.FindAsync(view, source, topic[..end], topic[branch.Skip..end]);
        }
    }

    /// <summary>Reads on.</summary>
    /// <exception cref="NodeException">What is below it cannot be read.</exception>
    public async Task ReadOnAsync(INodeView view)
    {
        var children = Branches.Count + Leaves.Count;
        var rows = 0;
        do
        {
            rows += _source is null ? await ReadSourcesAsync(view) : await ReadSeriesAsync(view, _source);
        }
        while (_next is not null && Branches.Count + Leaves.Count - children < MaxChildren && rows < MaxRows);
    }

    private int Skip => _topic is null ? 0 : _topic.Length + 1;

    private async Task<int> ReadSourcesAsync(INodeView view)
    {
        var slice = await view.HubSourcesAsync(new HubPaging(MaxChildren, _next));
        foreach (var row in slice.Items)
        {
            Find(row.Name, null, row.Name);
        }

        _next = slice.Next;
        return slice.Items.Count;
    }

    private async Task<int> ReadSeriesAsync(INodeView view, string source)
    {
        var slice = await view.HubSeriesAsync(source, _topic, new HubPaging(RowsOfPart, _next));
        foreach (var row in slice.Items)
        {
            var end = row.Topic.Length <= Skip ? row.Topic.Length : EndOfLevel(row.Topic, Skip);
            if (end < row.Topic.Length)
            {
                Find(source, row.Topic[..end], row.Topic[Skip..end]);
            }
            else if (row.Topic != _topic) // the series of the topic itself stands one level higher, beside this branch
            {
                var title = row.Topic.Length > Skip ? row.Topic[Skip..] : "/";
                Leaves.Add((row.Field.Length > 0 ? $"{title} · {row.Field}" : title, row));
            }
        }

        _next = slice.Next;
        return slice.Items.Count;
    }

    /// <returns>Null if the hub has nothing there: the source and the topic may be any text of an address.</returns>
    private async Task<TopicBranch?> FindAsync(INodeView view, string source, string? topic, string title)
    {
        var exists = _known.Contains(title) || (await view.HubSeriesAsync(source, topic, new HubPaging(1))).Items.Count > 0;
        return exists ? Find(source, topic, title) : null;
    }

    private TopicBranch Find(string source, string? topic, string title)
    {
        if (_known.Add(title))
        {
            Branches.Add(new TopicBranch(source, topic, title));
        }

        return Branches.Find(branch => branch.Title == title)!;
    }

    // A slash at the beginning of a level belongs to it, so that no level is without a name.
    private static int EndOfLevel(string topic, int start)
    {
        var end = topic.IndexOf('/', Math.Min(start + 1, topic.Length));
        return end < 0 ? topic.Length : end;
    }
}
