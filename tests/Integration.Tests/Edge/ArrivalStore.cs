using System.Reflection;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Integration.Tests.Edge;

/// <summary>A hub's store that notes what it has taken, and can lose its answers.</summary>
public class ArrivalStore : DispatchProxy
{
    private IHubStore? _store;
    private Arrivals? _arrivals;

    internal static IHubStore Of(IHubStore store, Arrivals arrivals)
    {
        var proxy = Create<IHubStore, ArrivalStore>();
        (((ArrivalStore)(object)proxy)._store, ((ArrivalStore)(object)proxy)._arrivals) = (store, arrivals);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IHubStore.AppendAsync)
        ? AppendAsync((string)args![0]!, (Batch)args[1]!, (CancellationToken)args[2]!)
        : targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, args, null);

    private async Task<AppendAnswer> AppendAsync(string identity, Batch batch, CancellationToken cancellationToken)
    {
        var answer = await _store!.AppendAsync(identity, batch, cancellationToken);
        if (answer.Status == AppendStatus.Stored)
        {
            _arrivals!.Add(batch);
        }

        return _arrivals!.LosesAnswers ? throw new HubStoreException("The answer is lost.") { IsTemporary = true } : answer;
    }
}
