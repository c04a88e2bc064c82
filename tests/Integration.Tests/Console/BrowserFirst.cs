using Integration.Tests.Console;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Integration.Tests.Console." + nameof(BrowserFirst), "Integration.Tests")]

namespace Integration.Tests.Console;

/// <summary>Starts the tests that share the browser before all others: one after the other they take longest.</summary>
public sealed class BrowserFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName != SharedBrowser.Name);
}
