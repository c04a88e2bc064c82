using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace NetworkProtocol.Web.Components.Layout;

/// <summary>Gives a page its entry in the console's menu.</summary>
/// <param name="order">The position of the entry: the entry with the lowest number is first.</param>
/// <param name="title">The text of the entry.</param>
/// <param name="icon">The icon of the entry, one of MudBlazor's.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MenuEntryAttribute(int order, string title, string icon) : Attribute
{
    /// <summary>All entries of the menu, with the addresses of their pages.</summary>
    public static IReadOnlyList<(string Address, MenuEntryAttribute Entry)> All { get; } =
    [
        .. typeof(MenuEntryAttribute).Assembly.GetTypes()
            .Where(page => page.IsDefined(typeof(MenuEntryAttribute)))
            .Select(page => (AddressOf(page), page.GetCustomAttribute<MenuEntryAttribute>()!))
            .OrderBy(entry => entry.Item2.Order),
    ];

    /// <summary>The position of the entry: the entry with the lowest number is first.</summary>
    public int Order => order;

    /// <summary>The text of the entry.</summary>
    public string Title => title;

    /// <summary>The icon of the entry, one of MudBlazor's.</summary>
    public string Icon => icon;

    /// <summary>
    /// The <see cref="NetworkProtocol.Web.Node.INodePart"/> that the page shows: a node without it has no entry. Null: every node has one.
    /// </summary>
    public Type? Needs { get; init; }

    private static string AddressOf(Type page) => page.GetCustomAttributes<RouteAttribute>().FirstOrDefault()?.Template
        ?? throw new InvalidOperationException($"{page.Name} has an entry in the menu, and needs an address: @page.");
}
